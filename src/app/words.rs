//! The dashboard's words. English stands where it is used, as the key of its
//! translations; those are in `locales/*.<language>.yml`, a file for each room.
//! A test keeps both together (`words/catalogue.rs`).

#[cfg(test)]
mod catalogue;

use super::language::Language;
use axum::http::{HeaderMap, header};

/// The cookie in which a browser keeps the language that was chosen.
pub const LANGUAGE_COOKIE: &str = "language";

/// A text in the page's language: `t!("Sign in")`, `t!("by %{name}", name = who)`.
/// Yields a `Cow<'static, str>`; a value is shown with `Display`.
macro_rules! t {
    ($text:literal $(, $name:ident = $value:expr)* $(,)?) => {
        rust_i18n::t!($text, locale = $crate::app::language::Language::current().tag() $(, $name = $value)*)
    };
}

/// A number and its noun: `count!(2, "item", "items")`.
macro_rules! count {
    ($number:expr, $one:literal, $many:literal $(,)?) => {
        $crate::app::number::plural($number, &$crate::app::words::t!($one), &$crate::app::words::t!($many))
    };
}

pub(crate) use {count, t};

/// The language that a request asks for: the one that was chosen, else the first
/// of those that the browser prefers, else English.
pub fn language_of(headers: &HeaderMap) -> Language {
    let texts = |name| headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let chosen = texts(header::COOKIE).flat_map(|cookies| cookies.split(';')).find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        if name == LANGUAGE_COOKIE { Language::of_tag(value) } else { None }
    });
    chosen
        .or_else(|| {
            let preferred = accept_language::parse(texts(header::ACCEPT_LANGUAGE).next()?);
            preferred.iter().find_map(|tag| Language::of_tag(tag))
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(accept: &str, cookie: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().expect("a value"));
        headers.insert(header::COOKIE, cookie.parse().expect("a value"));
        language_of(&headers)
    }

    #[test]
    fn the_language_is_what_was_chosen_else_what_the_browser_prefers() {
        assert_eq!(asked("", ""), Language::English);
        assert_eq!(asked("es-MX,es;q=0.9,en;q=0.8", ""), Language::Spanish);
        assert_eq!(asked("fr, en;q=0.4, es;q=0.6", ""), Language::Spanish);
        assert_eq!(asked("es", "a=b; language=en"), Language::English);
        assert_eq!(asked("en", "language=es"), Language::Spanish);
        assert_eq!(asked("es", "language=xx"), Language::Spanish);
        assert_eq!(asked("\u{9},;q=,en;q=zz", "language"), Language::English);
    }
}
