//! Bytes of files.
