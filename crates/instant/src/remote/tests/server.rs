//! A server that keeps what it was asked and answers what it is told to, down
//! to the byte.

use bytes::Bytes;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The path without what is asked.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub(super) fn is_stream(&self) -> bool {
        self.path() == "/admin/subscribe-query"
    }
}

/// What becomes of a request.
pub(super) enum Reply {
    /// These bytes, and the connection is closed.
    Bytes(Vec<u8>),
    /// The connection is closed without a word.
    Cut,
    /// Nothing, ever.
    Silence,
    /// These bytes as they come; the connection is closed when there are no more.
    Stream(mpsc::UnboundedReceiver<Bytes>),
}

impl Reply {
    /// An answer with this status, content type and body.
    pub(super) fn of(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        Self::Bytes([head.as_bytes(), body].concat())
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json; charset=utf-8", body.to_string())
    }

    pub(super) fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    /// A stream of events that a test writes.
    pub(super) fn events() -> (Events, Self) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=UTF-8\r\nconnection: close\r\n\r\n";
        let events = Events(sender);
        events.write(head);
        (events, Self::Stream(receiver))
    }
}

/// The writing end of a stream of events; dropping it closes the connection.
pub(super) struct Events(mpsc::UnboundedSender<Bytes>);

impl Events {
    pub(super) fn write(&self, text: impl Into<String>) {
        self.0.send(text.into().into()).unwrap();
    }

    /// Whether there is still someone to write to.
    pub(super) fn try_write(&self, text: &'static str) -> bool {
        self.0.send(Bytes::from_static(text.as_bytes())).is_ok()
    }

    pub(super) fn message(&self, message: &Value) {
        self.write(format!("data: {message}\n\n"));
    }

    /// The first messages of every stream, with this answer.
    pub(super) fn begin(&self, tree: &Value) {
        self.write("retry: 500\n\n");
        self.message(&serde_json::json!({ "op": "sse-init", "machine-id": "m", "session-id": "s" }));
        self.message(&serde_json::json!({ "op": "add-query-ok", "q": {}, "result": tree, "processed-tx-id": 1 }));
    }

    pub(super) fn refresh(&self, tree: &Value) {
        self.message(&serde_json::json!({ "op": "refresh-ok", "computations": [{ "instaql-result": tree }] }));
    }
}

/// A running server; ends when dropped.
pub(super) struct Server {
    asked: Arc<Mutex<Vec<Asked>>>,
    port: u16,
    serving: JoinHandle<()>,
}

impl Server {
    /// Answers each request with what `script` says; it is told how many came before.
    pub(super) async fn start(script: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, script) = (Arc::clone(&asked), Arc::new(script));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                tokio::spawn(async move {
                    // Clients that go away are part of the tests.
                    let _ = answer(stream, |asked| {
                        let before = {
                            let mut kept: std::sync::MutexGuard<'_, Vec<Asked>> = kept.lock().unwrap();
                            kept.push(asked.clone());
                            kept.len() - 1
                        };
                        script(asked, before)
                    })
                    .await;
                });
            }
        });
        Self { asked, port, serving }
    }

    pub(super) fn uri(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All requests so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(stream: TcpStream, script: impl FnOnce(&Asked) -> Reply) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(()) };
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ").or(line.trim_end().split_once(':')) else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let mut asked = Asked { method, target, headers, body: Vec::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    asked.body = vec![0; length];
    stream.read_exact(&mut asked.body).await?;
    match script(&asked) {
        Reply::Bytes(bytes) => stream.write_all(&bytes).await?,
        Reply::Cut => {}
        Reply::Silence => drop(stream.read_u8().await),
        Reply::Stream(mut bytes) => {
            while let Some(bytes) = bytes.recv().await {
                stream.write_all(&bytes).await?;
                stream.flush().await?;
            }
        }
    }
    stream.shutdown().await
}
