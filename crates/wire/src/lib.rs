//! AWS JSON 1.1, REST-JSON and Query codecs, and the generated shapes of every operation.
