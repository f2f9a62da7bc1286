//! The schema of the app: planned, pushed and shown (`specs/instantdb-admin-api.md` 4).

pub(super) mod attrs;
