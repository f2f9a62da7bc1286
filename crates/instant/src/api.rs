//! InstantDB's admin API over HTTP, for an embedded store
//! (`specs/instantdb-admin-api.md` 2, 3, 7, 8): what the npm package
//! `@instantdb/admin` and `instant-cli` speak.
//!
//! Left out, and answered like any unknown route: magic codes, streams,
//! webhooks and everything that takes a dashboard user's account. Permission
//! rules are not evaluated: who comes as a user or guest is let through only by
//! rules that say `true` outright (`rules.rs`).

mod body;
mod caller;
mod conventions;
mod error;
mod files;
mod perms_check;
mod platform;
mod query;
mod rules;
mod schema;
mod storage;
mod subscribe;
#[cfg(test)]
mod tests;
mod transact;
mod users;

use crate::Embedded;
use axum::routing::{get, post, put};
use axum::{Router, middleware};
use model::EntityId;
use std::sync::Arc;
use storage::UploadUrls;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// What the admin API must know of its surroundings, and its limits.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    /// The address under which clients reach it, without a trailing slash; addresses of files begin with it.
    pub origin: String,
    /// The most bytes of an uploaded file.
    pub max_upload: u64,
    /// The most subscriptions at a time.
    pub max_subscriptions: usize,
    /// Ends subscriptions, which would go on for ever.
    pub stop: CancellationToken,
}

impl ApiOptions {
    /// The usual limits: files up to 5 GiB, as S3 takes them in one piece, and 256 subscriptions.
    pub fn new(origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), max_upload: 5 << 30, max_subscriptions: 256, stop: CancellationToken::new() }
    }
}

/// What every handler can reach.
struct Api {
    store: Embedded,
    upload_urls: UploadUrls,
    max_upload: u64,
    subscriptions: Arc<Semaphore>,
    stop: CancellationToken,
    /// What subscribers are told this process is.
    machine: EntityId,
}

type Shared = Arc<Api>;

/// The admin API of a store. Its app id and admin token are those of [`Embedded::app`].
pub fn admin_api(store: Embedded, options: ApiOptions) -> Router {
    let ApiOptions { origin, max_upload, max_subscriptions, stop } = options;
    let origin = origin.trim_end_matches('/').to_owned();
    store.serve_files_at(&origin);
    let api: Shared = Arc::new(Api {
        upload_urls: UploadUrls::new(origin),
        store,
        max_upload,
        subscriptions: Arc::new(Semaphore::new(max_subscriptions)),
        stop,
        machine: EntityId::random(),
    });
    Router::new()
        .route("/admin/query", post(query::query))
        .route("/admin/transact", post(transact::transact))
        .route("/admin/query_perms_check", post(perms_check::query))
        .route("/admin/transact_perms_check", post(perms_check::transact))
        .route("/admin/subscribe-query", post(subscribe::subscribe))
        .route("/admin/storage/upload", put(storage::upload))
        .route("/admin/storage/files", get(storage::list).delete(storage::delete))
        .route("/admin/storage/files/delete", post(storage::delete_many))
        .route("/admin/storage/signed-download-url", get(storage::download_url))
        .route("/admin/storage/signed-upload-url", post(storage::upload_url))
        .route("/storage/{upload}/consume-upload-url", put(storage::consume_upload_url))
        .route("/admin/refresh_tokens", post(users::create_token))
        .route("/admin/sign_out", post(users::sign_out))
        .route("/admin/users", get(users::get).delete(users::delete))
        .route("/runtime/auth/verify_refresh_token", post(users::verify_token))
        .route("/admin/rooms/presence", get(platform::presence))
        .route("/admin/schema", get(schema::of_admin))
        .route("/superadmin/apps/{app}", get(platform::app).post(platform::rename))
        .route("/superadmin/apps/{app}/perms", get(platform::rules).post(platform::replace_rules))
        .route("/superadmin/apps/{app}/schema", get(schema::of_app))
        .route("/superadmin/apps/{app}/schema/push/plan", post(schema::plan))
        .route("/superadmin/apps/{app}/schema/push/apply", post(schema::apply))
        .route("/dash/apps/{app}/schema/pull", get(schema::pull))
        .route("/dash/apps/{app}/schema/push/plan", post(schema::plan))
        .route("/dash/apps/{app}/schema/push/apply", post(schema::apply))
        .route("/dash/apps/{app}/schema/steps/apply", post(schema::apply_steps))
        .route("/dash/apps/{app}/indexing-jobs/group/{group}", get(platform::jobs))
        .route("/dash/apps/{app}/indexing-jobs/{job}", get(platform::job))
        .route("/dash/apps/{app}/perms/pull", get(platform::rules))
        .route("/dash/apps/{app}/rules", post(platform::replace_rules))
        .route("/health/system", get(platform::health))
        .fallback(conventions::not_found)
        .method_not_allowed_fallback(conventions::not_found)
        .layer(middleware::from_fn(conventions::add_charset))
        // Their media type is as it was stored.
        .route("/_files/{app}/{location}", get(files::bytes))
        .layer(conventions::cors())
        .layer(middleware::from_fn(conventions::add_headers))
        .with_state(api)
}
