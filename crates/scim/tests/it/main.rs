//! What holds of the kit whatever it is given.

mod laws;
