//! Pages for programs. Each page answers with HTML, Markdown or JSON, as the
//! request's `Accept` says (RFC 9110, 12.5.1); HTML where it does not care.

use crate::app::twin::Twin;
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use headers_accept::Accept;
use htmd::{Element, HtmlToMarkdown, element_handler::Handlers, options};
use mediatype::{MediaType, names};
use std::sync::LazyLock;

const HTML: MediaType<'_> = MediaType::new(names::TEXT, names::HTML);
const MARKDOWN: MediaType<'_> = MediaType::new(names::TEXT, names::MARKDOWN);
const JSON: MediaType<'_> = MediaType::new(names::APPLICATION, names::JSON);

/// Largest page that is made into Markdown, in bytes.
const MAX_PAGE: usize = 16 * 1024 * 1024;

/// What a page is wanted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Markdown,
    Json,
}

impl Form {
    fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()?.parse::<Accept>().ok());
        match accept.and_then(|accept| accept.negotiate(&[HTML, MARKDOWN, JSON]).cloned()) {
            Some(wanted) if wanted == MARKDOWN => Self::Markdown,
            Some(wanted) if wanted == JSON => Self::Json,
            _ => Self::Html,
        }
    }
}

/// Answers for a page in the form that is wanted.
pub(super) async fn negotiate(request: Request, next: Next) -> Response {
    negotiated(request, |request| next.run(request)).await
}

/// What `render` answers, in the form that is wanted.
pub(super) async fn negotiated<F: Future<Output = Response>>(
    mut request: Request,
    render: impl FnOnce(Request) -> F,
) -> Response {
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    match Form::of(request.headers()) {
        Form::Markdown if reading => markdown_of(render(request).await).await,
        Form::Json if reading => {
            let twin = Twin::default();
            request.extensions_mut().insert(twin.clone());
            let response = render(request).await;
            match twin.take() {
                Some(shown) => with_body(response, "application/json", format!("{shown:#}\n").into()),
                None => response,
            }
        }
        _ => render(request).await,
    }
}

/// The same answer with another body; what is only for browsers is left out.
fn with_body(response: Response, content_type: &'static str, body: Bytes) -> Response {
    let (mut parts, _) = response.into_parts();
    for name in [header::CONTENT_LENGTH, header::CONTENT_SECURITY_POLICY, header::REFRESH] {
        parts.headers.remove(name);
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Response::from_parts(parts, Body::from(body))
}

/// A page as Markdown; any other answer as it is.
async fn markdown_of(response: Response) -> Response {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|is| is.starts_with("text/html")) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let html = axum::body::to_bytes(body, MAX_PAGE).await.unwrap_or_default();
    let text = markdown(&String::from_utf8_lossy(&html));
    with_body(Response::from_parts(parts, Body::empty()), "text/markdown; charset=utf-8", text.into())
}

/// The content of a page as Markdown: what stands in `<main>`, less what only a
/// browser can use.
fn markdown(html: &str) -> String {
    static CONVERTER: LazyLock<HtmlToMarkdown> = LazyLock::new(converter);
    let content = html.split_once("<main").map_or("", |(_, rest)| rest.split("</main>").next().unwrap_or_default());
    let content = content.split_once('>').map_or("", |(_, inner)| inner);
    // In Markdown only the first row of a table holds headers.
    let content = content.replace("<th scope=\"row\"", "<td").replace("<th scope=\"rowgroup\"", "<td");
    // A tree in memory is always converted.
    let text = CONVERTER.convert(&content).unwrap_or_default();
    text + "\n"
}

fn converter() -> HtmlToMarkdown {
    let options = options::Options {
        bullet_list_marker: options::BulletListMarker::Dash,
        ul_bullet_spacing: 1,
        ol_number_spacing: 1,
        ..Default::default()
    };
    HtmlToMarkdown::builder()
        .options(options)
        .skip_tags(vec![
            "svg", "script", "style", "dialog", "progress", "label", "legend", "select", "input", "textarea",
        ])
        // What a button copies is worth reading, what it does is not.
        .add_handler(vec!["button"], |_: &dyn Handlers, element: Element<'_>| {
            attribute(&element, "data-copy").map(|text| format!("`{text}`").into())
        })
        .add_handler(vec!["time"], |_: &dyn Handlers, element: Element<'_>| {
            attribute(&element, "datetime").map(Into::into)
        })
        .add_handler(vec!["nav"], |handlers: &dyn Handlers, element: Element<'_>| {
            let links = handlers.walk_children(element.node).content.replace(")[", ") · [");
            Some(format!("\n\n{}\n\n", links.trim()).into())
        })
        .add_handler(vec!["a"], |handlers: &dyn Handlers, element: Element<'_>| match attribute(&element, "data-n") {
            // The number of a line of source.
            Some(_) => None,
            None => handlers.fallback(element),
        })
        // Within source it colours.
        .add_handler(vec!["i"], |handlers: &dyn Handlers, element: Element<'_>| {
            Some(handlers.walk_children(element.node).content.into())
        })
        .add_handler(vec!["span"], |handlers: &dyn Handlers, element: Element<'_>| {
            let content = handlers.walk_children(element.node).content;
            // What stands apart by its style is set apart by a space.
            let apart = attribute(&element, "class").is_some_and(|class| class != "line");
            Some(if apart && !content.is_empty() { format!(" {content}").into() } else { content.into() })
        })
        .build()
}

fn attribute(element: &Element<'_>, name: &str) -> Option<String> {
    element.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| attribute.value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(accept: &'static str) -> Form {
        Form::of(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
    }

    #[test]
    fn the_form_is_the_one_that_is_liked_best() {
        assert_eq!(Form::of(&HeaderMap::new()), Form::Html);
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for accept in [browser, "*/*", "", "text/*", "image/png", "nonsense;;q=", "text/html;q=0.5, */*;q=0.1"] {
            assert_eq!(asked(accept), Form::Html, "{accept}");
        }
        assert_eq!(asked("application/json"), Form::Json);
        assert_eq!(asked("application/json, text/html;q=0.9"), Form::Json);
        assert_eq!(asked("text/markdown, text/html;q=0.9, */*;q=0.1"), Form::Markdown);
        assert_eq!(asked("text/html, text/markdown;q=0.9"), Form::Html);
    }

    #[test]
    fn a_page_is_read_without_what_only_a_browser_can_use() {
        let page = "<header><a href=\"/\">Brand</a></header><main id=\"content\"><h1>Button &amp; co</h1>\
            <form><button>Go</button></form><p>At <time datetime=\"2026-01-02T03:04:05Z\">today</time> \
            <button class=\"hash\" data-copy=\"abcdef\">abc</button></p>\
            <table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Type</th></tr></thead>\
            <tbody><tr><th scope=\"row\"><a href=\"/a\">a|b</a></th><td>ui</td></tr></tbody></table>\
            <p>*not* &lt;b&gt; _markup_</p><nav><a href=\"/b\">Files<span class=\"count\">2</span></a><a href=\"/c\">Versions</a></nav>\
            <pre><code><span class=\"line\"><a id=\"L1\" href=\"#L1\" data-n=\"1\"></a><i class=\"k\">const</i> a = *b*\n</span></code></pre>\
            <form><h2>Remove</h2><label>Name<input name=\"n\"></label></form></main><footer>Language</footer>";
        insta::assert_snapshot!(markdown(page));
    }
}
