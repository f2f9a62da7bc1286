//! What tells that an answer is as the database had it some time ago.

use crate::{app_state::AppState, auth::Admitted, tenants::Tenant};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use instant::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Carries since when the database has not answered.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-registry-stale");

/// A time as RFC 3339 has it, in whole seconds.
pub(super) fn rfc3339(at: Timestamp) -> String {
    let seconds = OffsetDateTime::from_unix_timestamp(at.as_millis().div_euclid(1000));
    seconds.ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

/// Marks an answer that comes from what was published before.
pub(super) fn mark(tenant: &Tenant, headers: &mut HeaderMap) {
    let since = tenant.contact.away().and_then(|away| away.since);
    if let Some(Ok(value)) = since.map(|since| HeaderValue::try_from(rfc3339(since))) {
        headers.insert(HEADER, value);
    }
}

/// Marks whatever is answered for programs.
pub(crate) async fn mark_all(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let admitted = Admitted::default();
    request.extensions_mut().insert(admitted.clone());
    let mut response = next.run(request).await;
    if let Some(tenant) = admitted.0.get().and_then(|organisation| state.service.tenants().get(organisation)) {
        mark(&tenant, response.headers_mut());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_whole_seconds_of_utc() {
        assert_eq!(rfc3339(Timestamp::from_millis(1_700_000_000_999)), "2023-11-14T22:13:20Z");
        assert_eq!(rfc3339(Timestamp::from_millis(0)), "1970-01-01T00:00:00Z");
    }
}
