//! A blocking HTTP client that shows answers as they are: no redirects
//! followed, no bodies unpacked, no status an error.

use super::{PATIENCE, auth::is_of_someone};
use serde_json::Value;
use std::io::Read as _;
use ureq::{
    Agent,
    http::{HeaderMap, Request, request::Builder},
};

/// Sends requests to one server.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    agent: Agent,
    origin: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A request that is being put together.
pub(crate) struct Asking {
    agent: Agent,
    builder: Builder,
    body: Option<Vec<u8>>,
    /// The token that is sent where nothing else tells who is asking.
    otherwise: Option<&'static str>,
}

impl Browser {
    /// One for the server at this address.
    pub(crate) fn new(origin: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build();
        Self { agent: config.into(), origin: origin.to_owned() }
    }

    /// Begins a request.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Asking {
        let builder = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        Asking { agent: self.agent.clone(), builder, body: None, otherwise: None }
    }
}

impl Asking {
    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self.otherwise = self.otherwise.filter(|_| !is_of_someone(name));
        self
    }

    /// Proves itself by this token unless something else tells who is asking.
    pub(super) fn or_with(self, token: Option<&'static str>) -> Self {
        Self { otherwise: token, ..self }
    }

    /// Proves itself by a token.
    pub(crate) fn token(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// Sends JSON along.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    /// Sends a text along.
    pub(crate) fn text(mut self, content_type: &str, body: &str) -> Self {
        self.body = Some(body.as_bytes().to_vec());
        self.with("content-type", content_type)
    }

    /// Sends it and reads the whole answer.
    pub(crate) fn send(self) -> Answer {
        let (status, headers, mut reader) = self.open();
        let mut body = Vec::new();
        reader.read_to_end(&mut body).expect("the answer is whole");
        Answer { status, headers, body }
    }

    /// Sends it and leaves the body to be read bit by bit.
    pub(crate) fn open(mut self) -> (u16, HeaderMap, impl std::io::Read) {
        if let Some(token) = self.otherwise.take() {
            self = self.token(token);
        }
        let response = match self.body {
            Some(body) => self.agent.run(self.builder.body(body).expect("a request")),
            None => self.agent.run(self.builder.body(()).expect("a request")),
        };
        let (parts, body) = response.expect("the server answers").into_parts();
        (parts.status.as_u16(), parts.headers, body.into_reader())
    }
}

impl Answer {
    /// The text of a header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of ASCII"))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {:?} {}", self.status, self.text()))
    }

    /// The content of an item's first file.
    pub(crate) fn content(&self) -> String {
        let item = self.json();
        item["files"][0]["content"].as_str().unwrap_or_else(|| panic!("no content: {item}")).to_owned()
    }

    /// This answer, which must have this status.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// The body of an error below `/r/`, which has exactly a code and a message.
    pub(crate) fn plain_error(&self) -> (String, String) {
        assert_eq!(self.header("content-type"), "application/json");
        let body = self.json();
        let fields: Vec<&String> = body.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["error", "message"]);
        let text = |field: &str| body[field].as_str().expect("a text").to_owned();
        (text("error"), text("message"))
    }
}
