//! The trail's two ways in, on stores that work and stores that do not.

mod recorder;
