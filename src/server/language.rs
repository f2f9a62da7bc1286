//! Choosing the language of the dashboard.

use super::table::{Routes, post};
use crate::app::{
    language::Language,
    words::{LANGUAGE_COOKIE, language_of},
};
use axum::{
    Form,
    extract::Request,
    http::{HeaderMap, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

/// For how long a browser keeps the choice, in seconds: a year.
const KEPT: u32 = 365 * 24 * 60 * 60;

/// Where the switch posts to. Whoever sees a page may read it in their language.
pub(super) fn routes() -> Routes {
    Routes::new().route("/language", post(choose))
}

/// Has what answers a request speak the language that it asks for.
pub(super) async fn speak(request: Request, next: Next) -> Response {
    language_of(request.headers()).spoken(next.run(request)).await
}

#[derive(Deserialize)]
struct Choice {
    /// A language's tag; another one changes nothing.
    #[serde(default)]
    language: String,
}

async fn choose(headers: HeaderMap, Form(choice): Form<Choice>) -> Response {
    let back = Redirect::to(&came_from(&headers));
    let Some(language) = Language::of_tag(&choice.language) else { return back.into_response() };
    let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age={KEPT}; HttpOnly; SameSite=Lax", language.tag());
    ([(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, "no-store".to_owned())], back).into_response()
}

/// The page on which the switch stands, always one of this host.
fn came_from(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let page = referer.and_then(|referer| referer.parse::<Uri>().ok());
    let path = page.as_ref().and_then(Uri::path_and_query).map_or("/", |path| path.as_str());
    // Two slashes would be another host.
    format!("/{}", path.trim_start_matches(['/', '\\']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_this_host() {
        let back = |referer: &'static str| {
            came_from(&HeaderMap::from_iter([(header::REFERER, referer.parse().expect("a value"))]))
        };
        assert_eq!(back("https://registry.example/components?q=a"), "/components?q=a");
        assert_eq!(back("https://registry.example//evil.example/a"), "/evil.example/a");
        assert_eq!(back("https://registry.example/\\evil.example"), "/evil.example");
        assert_eq!(back("nothing"), "/");
        assert_eq!(came_from(&HeaderMap::new()), "/");
    }
}
