//! Where a request comes from: the host it names and the page that sent it.

use super::Asker;
use crate::{api::ApiError, app_state::AppState};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::IpAddr;

/// The host that a request names, without its port.
fn host(headers: &HeaderMap) -> Option<String> {
    let authority: Authority = headers.get(header::HOST)?.to_str().ok()?.parse().ok()?;
    Some(authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase())
}

/// Loopback addresses and `localhost`: what no name server of others can point
/// at us (DNS rebinding).
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Refuses requests for hosts that are not ours (421), state changes that other
/// sites' pages sent (403), and more requests than an address may send (429).
pub async fn guard_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if let Err(error) = check_host(&state, headers) {
        return error.into_response();
    }
    if let Err(error) = state.limits.count(Asker::of(&state, headers, request.extensions())) {
        return error.into_response();
    }
    let public = state.service.config().public_url.value.as_deref().and_then(|url| url::Url::parse(url).ok());
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !is_own_page(headers, public.as_ref()) && !carries_token(headers) {
        let message = "This change was sent by a page of another site, or by a program without a token. Use the dashboard, or send `Authorization: Bearer <token>`.";
        return ApiError::new(StatusCode::FORBIDDEN, "foreign_origin", message).into_response();
    }
    next.run(request).await
}

/// Refuses a request for a host that is not ours.
pub fn check_host(state: &AppState, headers: &HeaderMap) -> Result<(), ApiError> {
    let host = host(headers);
    if let Some(host) = &host {
        if is_loopback(host) {
            return Ok(());
        }
        let public = state.service.config().public_url.value.as_deref().and_then(|url| url::Url::parse(url).ok());
        if public.and_then(|url| url.host_str().map(str::to_owned)).as_ref() == Some(host) {
            return Ok(());
        }
    }
    let message = format!(
        "This registry does not answer for the host {}. Use its own address, or set its public URL.",
        host.as_deref().unwrap_or("(none)")
    );
    Err(ApiError::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", message))
}

/// Whether a page of ours sent this. Browsers send `Origin` with every change,
/// and `Sec-Fetch-Site`, which tells a sister site (`platform.example` and
/// `registry.example`, whose cookies travel) from our own pages.
fn is_own_page(headers: &HeaderMap, public: Option<&url::Url>) -> bool {
    if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else {
        return false;
    };
    let Ok(origin) = url::Url::parse(origin) else {
        return false;
    };
    if public.is_some_and(|public| public.origin() == origin.origin()) {
        return true;
    }
    // Without a public address: the very host that was asked for.
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    let asked = url::Url::parse(&format!("{}://{host}", origin.scheme()));
    asked.is_ok_and(|asked| asked.origin() == origin.origin())
}

/// Whether it proves itself by a token: no browser adds one by itself.
fn carries_token(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    sent.is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_counts_in_whatever_case_its_scheme_is_written() {
        let carries = |value: &'static str| {
            let value = axum::http::HeaderValue::from_static(value);
            carries_token(&HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
        };
        for value in ["Bearer ekr_1", "bearer ekr_1", "BEARER  ekr_1"] {
            assert!(carries(value), "{value}");
        }
        for value in ["", "Bearer", "Bearer ", "Basic YTpi", "ekr_1", "Bearerekr_1 x"] {
            assert!(!carries(value), "{value}");
        }
    }
}
