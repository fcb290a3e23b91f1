//! Instances and tags.
