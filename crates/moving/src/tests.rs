//! Imports between two stores, and schema and rules in one.

mod import;
mod schema;
mod support;
