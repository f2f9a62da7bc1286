//! Markdown that others wrote, as HTML that can do nothing.
//!
//! No HTML of the text's passes: every element is written here, from the
//! parser's events, and what looks like HTML is shown as the text it is, so that
//! `<Button>` in a description is read and not lost. Links lead to `http`,
//! `https` and `mailto` only; pictures become links to themselves, because the
//! page's policy fetches nothing from elsewhere. All of it is bounded.

use super::{
    code,
    escape::{push_attribute, push_text},
    words::t,
};
use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};
use std::fmt::Write as _;
use url::Url;

/// How much of a text is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// How many elements may stand in each other; deeper ones are left out, and
/// what is in them is not.
const MAX_DEPTH: usize = 16;

/// The deepest heading there is.
const LAST_HEADING: usize = 6;

/// A text as HTML whose highest headings have the level `top`.
pub fn html(text: &str, top: usize) -> String {
    let text = head(text);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer { top, ..Writer::default() };
    for event in TextMergeStream::new(Parser::new_ext(text, options)) {
        writer.event(event);
    }
    writer.out
}

/// As much of a text as is read.
fn head(text: &str) -> &str {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Where a link may lead, as an address in full.
fn safe(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https" | "mailto").then(|| url.into())
}

#[derive(Default)]
struct Writer {
    out: String,
    top: usize,
    /// What ends each element that is open; empty for those that are left out.
    open: Vec<&'static str>,
    /// How many links are open: none stands in another.
    links: usize,
    in_head: bool,
    /// The language and text of the code that is being read.
    code: Option<(String, String)>,
    /// The picture whose words are being read: where it is, and its words.
    picture: Option<(Option<String>, String)>,
    /// How many elements are open in a picture's words; none of them is shown.
    in_picture: usize,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            // HTML is a text like any other.
            Event::Html(text) | Event::InlineHtml(text) => self.plain(&text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                if let Some((_, words)) = &mut self.picture {
                    words.push_str(&text);
                } else {
                    self.out.push_str("<code>");
                    push_text(&mut self.out, &text);
                    self.out.push_str("</code>");
                }
            }
            Event::SoftBreak | Event::HardBreak => match &mut self.picture {
                Some((_, words)) => words.push(' '),
                // Notes are written for a terminal, where a line's end is one.
                None => self.out.push_str("<br>"),
            },
            Event::Rule => self.out.push_str("<hr>"),
            Event::TaskListMarker(done) => self.out.push_str(if done { "☑ " } else { "☐ " }),
            Event::FootnoteReference(name) => self.plain(&name),
        }
    }

    fn open(&mut self, start: &str, end: &'static str) {
        if self.open.len() < MAX_DEPTH {
            self.out.push_str(start);
            self.open.push(end);
        } else {
            self.open.push("");
        }
    }

    fn close(&mut self) {
        self.out.push_str(self.open.pop().unwrap_or_default());
    }

    fn start(&mut self, tag: Tag<'_>) {
        if self.picture.is_some() {
            self.in_picture += 1;
            return;
        }
        match tag {
            Tag::Heading { level, .. } => self.heading(level),
            Tag::BlockQuote(_) => self.open("<blockquote>", "</blockquote>"),
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', ',']).next().unwrap_or_default().to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::List(None) => self.open("<ul>", "</ul>"),
            Tag::List(Some(1)) => self.open("<ol>", "</ol>"),
            Tag::List(Some(first)) => self.open(&format!("<ol start=\"{first}\">"), "</ol>"),
            Tag::Item => self.open("<li>", "</li>"),
            Tag::Table(_) => self.open("<div class=\"scroll\" tabindex=\"0\"><table>", "</table></div>"),
            Tag::TableHead => {
                self.in_head = true;
                self.open("<tr>", "</tr>");
            }
            Tag::TableRow => self.open("<tr>", "</tr>"),
            Tag::TableCell if self.in_head => self.open("<th scope=\"col\">", "</th>"),
            Tag::TableCell => self.open("<td>", "</td>"),
            Tag::Emphasis => self.open("<em>", "</em>"),
            Tag::Strong => self.open("<strong>", "</strong>"),
            Tag::Strikethrough => self.open("<del>", "</del>"),
            Tag::Link { dest_url, .. } => self.link(&dest_url),
            Tag::Image { dest_url, .. } => self.picture = Some((safe(&dest_url), String::new())),
            Tag::Paragraph => self.open("<p>", "</p>"),
            // The rest is not asked for, or an element's place among others.
            _ => self.open("", ""),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if self.in_picture > 0 {
            self.in_picture -= 1;
            return;
        }
        match tag {
            TagEnd::CodeBlock => {
                let (language, text) = self.code.take().unwrap_or_default();
                let _ = write!(self.out, "<pre tabindex=\"0\"><code>{}</code></pre>", code::block(&language, &text));
            }
            TagEnd::Image => {
                let (address, words) = self.picture.take().unwrap_or_default();
                let words = if words.trim().is_empty() { t!("Picture").into_owned() } else { words };
                match address.filter(|_| self.links == 0) {
                    Some(address) => {
                        self.anchor(&address);
                        push_text(&mut self.out, &words);
                        self.out.push_str("</a>");
                    }
                    None => push_text(&mut self.out, &words),
                }
            }
            TagEnd::Link => {
                self.links -= 1;
                self.close();
            }
            TagEnd::TableHead => {
                self.in_head = false;
                self.close();
            }
            _ => self.close(),
        }
    }

    fn heading(&mut self, level: HeadingLevel) {
        let (start, end) = match (self.top + level as usize - 1).min(LAST_HEADING) {
            ..=2 => ("<h2>", "</h2>"),
            3 => ("<h3>", "</h3>"),
            4 => ("<h4>", "</h4>"),
            5 => ("<h5>", "</h5>"),
            _ => ("<h6>", "</h6>"),
        };
        self.open(start, end);
    }

    fn link(&mut self, address: &str) {
        self.links += 1;
        match safe(address) {
            Some(address) if self.open.len() < MAX_DEPTH => {
                self.anchor(&address);
                self.open.push("</a>");
            }
            // What leads nowhere is a text.
            _ => self.open.push(""),
        }
    }

    fn anchor(&mut self, address: &str) {
        self.out.push_str("<a rel=\"noopener nofollow ugc\" href=\"");
        push_attribute(&mut self.out, address);
        self.out.push_str("\">");
    }

    /// A text in which nothing is looked for.
    fn plain(&mut self, text: &str) {
        match (&mut self.code, &mut self.picture) {
            (Some((_, code)), _) => code.push_str(text),
            (_, Some((_, words))) => words.push_str(text),
            _ => push_text(&mut self.out, text),
        }
    }

    /// A text in which addresses become links.
    fn text(&mut self, text: &str) {
        if self.code.is_some() || self.picture.is_some() || self.links > 0 {
            return self.plain(text);
        }
        let mut finder = LinkFinder::new();
        for span in finder.kinds(&[LinkKind::Url]).spans(text) {
            match span.kind().and_then(|_| safe(span.as_str())) {
                Some(address) => {
                    self.anchor(&address);
                    push_text(&mut self.out, span.as_str());
                    self.out.push_str("</a>");
                }
                None => push_text(&mut self.out, span.as_str()),
            }
        }
    }
}

#[cfg(test)]
mod tests;
