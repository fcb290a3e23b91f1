//! CloudTrail-shaped records: append and look up.
