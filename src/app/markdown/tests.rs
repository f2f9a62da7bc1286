use super::*;
use proptest::prelude::*;

/// Everything that our own HTML may begin with.
const OURS: [&str; 22] = [
    "p>",
    "h2>",
    "h3>",
    "h4>",
    "h5>",
    "h6>",
    "ul>",
    "ol",
    "li>",
    "blockquote>",
    "pre tabindex=\"0\">",
    "code>",
    "em>",
    "strong>",
    "del>",
    "br>",
    "hr>",
    "table>",
    "t",
    "div class=\"scroll\" tabindex=\"0\">",
    "span class=\"odd\" data-n=\"",
    "i class=\"",
];

/// What would be wrong with some HTML, were it sent.
fn what_could_run(html: &str) -> Option<String> {
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let ours = OURS.iter().any(|ours| rest.starts_with(ours));
        let link = ["http://", "https://", "mailto:"]
            .iter()
            .any(|scheme| rest.starts_with(&format!("a rel=\"noopener nofollow ugc\" href=\"{scheme}")));
        let ends = ["a>", "span>", "i>", "div>", "pre>"].iter().any(|end| rest.starts_with(end));
        if !ours && !link && !ends {
            return Some(rest.chars().take(60).collect());
        }
    }
    None
}

#[test]
fn what_authors_write_is_read_as_they_meant_it() {
    let text = "# Use\n\nA **fine** `<Button>`, see [docs](https://ui.example/a?b=1&c=2).\nNext line\n\n- one\n- two\n\n1. a\n\n> said\n\n| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\n- [x] done\n";
    let html = html(text, 3);
    for part in [
        "<h3>Use</h3>",
        "<strong>fine</strong> <code>&lt;Button&gt;</code>",
        "<a rel=\"noopener nofollow ugc\" href=\"https://ui.example/a?b=1&amp;c=2\">docs</a>.<br>Next line</p>",
        "<ul><li>one</li><li>two</li></ul>",
        "<ol><li>a</li></ol>",
        "<blockquote><p>said</p></blockquote>",
        "<table><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr><tr><td>1</td><td><del>2</del></td></tr></table></div>",
        "<li>☑ done</li>",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn html_is_a_text() {
    assert_eq!(html("Wrap it in <Provider>.", 3), "<p>Wrap it in &lt;Provider&gt;.</p>");
    let block = html("<script>alert(1)</script>\n\n<div onclick=x>\n**a**\n</div>", 3);
    assert!(block.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && what_could_run(&block).is_none(), "{block}");
}

#[test]
fn links_lead_to_the_web_or_to_people() {
    for address in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "javascript&colon;alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "file:///etc/passwd",
        "/settings/tokens",
        "//evil.example",
        "#install",
        "?tab=x",
    ] {
        for text in [
            format!("[x]({address})"),
            format!("[x](<{address}>)"),
            format!("[x]\n\n[x]: {address}"),
            format!("<{address}>"),
            format!("![x]({address})"),
            address.to_owned(),
        ] {
            let html = html(&text, 3);
            assert!(!html.contains("href"), "{text} became {html}");
            assert_eq!(what_could_run(&html), None, "{text} became {html}");
        }
    }
    assert!(html("[m](mailto:a@b.example)", 3).contains("href=\"mailto:a@b.example\""));
    assert!(html("[x](https://a.example/\"onclick=\"x)", 3).contains("href=\"https://a.example/%22onclick=%22x\""));
}

#[test]
fn an_address_in_a_text_is_a_link() {
    assert_eq!(
        html("See https://ui.example/a_b_c.", 3),
        "<p>See <a rel=\"noopener nofollow ugc\" href=\"https://ui.example/a_b_c\">https://ui.example/a_b_c</a>.</p>"
    );
    // None stands in another, and none in code.
    assert_eq!(html("[https://a.example](https://b.example)", 3).matches("<a ").count(), 1);
    assert_eq!(html("`https://a.example`", 3).matches("<a ").count(), 0);
    assert_eq!(html("ftp://a.example and ssh://b", 3).matches("<a ").count(), 0);
}

#[test]
fn a_picture_becomes_a_link_to_it() {
    assert_eq!(
        html("![The *look*](https://a.example/x.png)", 3),
        "<p><a rel=\"noopener nofollow ugc\" href=\"https://a.example/x.png\">The look</a></p>"
    );
    assert_eq!(html("![](x.png)", 3), "<p>Picture</p>");
    assert_eq!(html("[![a](https://a.example/x.png)](https://b.example)", 3).matches("<a ").count(), 1);
}

#[test]
fn headings_stand_below_those_of_the_page() {
    assert_eq!(html("# a", 3), "<h3>a</h3>");
    assert_eq!(html("###### a", 3), "<h6>a</h6>");
    assert_eq!(html("## a", 4), "<h5>a</h5>");
}

#[test]
fn code_is_highlighted_and_cannot_end_its_block() {
    let html = html("```tsx\nconst a = \"</code></pre><script>\"\n```\n\n    plain <b>\n", 3);
    assert!(html.contains("<i class=\"k\">const</i>"), "{html}");
    assert!(html.contains("&lt;/code&gt;") && html.contains("plain &lt;b&gt;"), "{html}");
    assert_eq!(what_could_run(&html), None);
}

#[test]
fn nesting_and_length_are_bounded() {
    for text in [">".repeat(60_000) + " x", "- ".repeat(30_000) + "x", "*a ".repeat(20_000), "[".repeat(60_000)] {
        let html = html(&text, 3);
        let depth = html.matches("<blockquote>").count().max(html.matches("<ul>").count());
        assert!(depth <= MAX_DEPTH, "{depth}");
        assert!(html.len() < 8 * MAX_BYTES);
    }
    assert!(html(&"é".repeat(MAX_BYTES), 3).len() <= MAX_BYTES + 16);
}

#[test]
fn what_is_not_seen_is_named() {
    assert!(html("a\u{202e}b", 3).contains("<span class=\"odd\" data-n=\"U+202E\">"));
}

proptest! {
    #[test]
    fn whatever_is_written_nothing_can_run(text in "([<>\\[\\]()`*_!#|~ \n\"'&:;/=-]|javascript:|https://a|script|onerror=|<a |<img |data:|&#58;|```|x){0,60}") {
        let html = html(&text, 3);
        prop_assert_eq!(what_could_run(&html), None, "{:?} became {}", text, html);
    }

    #[test]
    fn elements_end_in_the_order_in_which_they_began(text in "([<>\\[\\]()`*_!#|~ \n-]|https://a|```|a|1\\. ){0,80}") {
        let html = html(&text, 3);
        let mut open = Vec::new();
        for tag in html.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap_or_default();
            if let Some(name) = tag.strip_prefix('/') {
                prop_assert_eq!(open.pop(), Some(name.to_owned()), "{}", html);
                continue;
            }
            let name = tag.split(' ').next().unwrap_or_default();
            if !matches!(name, "br" | "hr") {
                open.push(name.to_owned());
            }
        }
        prop_assert!(open.is_empty(), "{} stay open in {}", open.join(", "), html);
    }
}
