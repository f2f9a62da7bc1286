//! A git host on loopback: `git http-backend` as CGI behind a small HTTP/1.1
//! server, which can also answer in ways that no honest host would.

use super::repository::git_command;
use net::{AllowList, TenantClient};
use std::{
    collections::BTreeMap,
    fmt,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// A request as the server got it.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// The path, with `/` before it.
    pub path: String,
    /// What stands behind the `?`.
    pub query: String,
    /// Headers by their lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Whether it asks for objects, and not only for refs.
    pub fn is_fetch(&self) -> bool {
        let asks = |text: &[u8]| self.body.windows(text.len()).any(|window| window == text);
        self.method == "POST" && self.path.ends_with("/git-upload-pack") && asks(b"want ")
    }
}

/// An answer that the server gives instead of git's.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status and nothing else.
    Status(u16),
    /// A redirect.
    Redirect(String),
    /// 200 with this content type and body.
    Body(&'static str, Vec<u8>),
    /// A status with headers and a body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Git's answer, cut off behind this many bytes of its body.
    Truncated(usize),
    /// 200 with this content type, this beginning, and then this for ever.
    Endless(&'static str, Vec<u8>, Vec<u8>),
    /// No answer, until the client goes away.
    Silent,
}

type Hook = Box<dyn Fn(&Request) -> Option<Reply> + Send>;

#[derive(Default)]
struct Shared {
    root: PathBuf,
    hook: Mutex<Option<Hook>>,
    basic: Mutex<Option<String>>,
    version0: AtomicBool,
    stopped: AtomicBool,
    requests: Mutex<Vec<Request>>,
}

/// A git host on an ephemeral port of 127.0.0.1, until it is dropped.
pub struct GitServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl GitServer {
    /// Serves every repository directly below `root` for reading.
    pub fn start(root: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared { root: root.to_owned(), ..Shared::default() });
        let accepting = Arc::clone(&shared);
        let accept = move || {
            for stream in listener.incoming().flatten() {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                // A client that goes away mid-answer is the test's doing.
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        };
        Self { address, shared, thread: Some(std::thread::spawn(accept)) }
    }

    /// The URL of the repository in the folder `name`.
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client that may reach it.
    pub fn client(&self) -> TenantClient {
        let allow: AllowList = "127.0.0.1=127.0.0.0/8".parse().expect("a literal");
        TenantClient::new(allow).expect("a client can be made")
    }

    /// From now on, wants this user name and password.
    pub fn require(&self, username: &str, password: &str) -> &Self {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{password}")));
        *self.shared.basic.lock().unwrap() = Some(basic);
        self
    }

    /// From now on, speaks version 0 of the protocol alone.
    pub fn without_version_2(&self) -> &Self {
        self.shared.version0.store(true, Ordering::SeqCst);
        self
    }

    /// From now on, asks `hook` first; where it gives `None`, git answers.
    pub fn answer_with(&self, hook: impl Fn(&Request) -> Option<Reply> + Send + 'static) -> &Self {
        *self.shared.hook.lock().unwrap() = Some(Box::new(hook));
        self
    }

    /// From now on, git answers again.
    pub fn answer_honestly(&self) -> &Self {
        *self.shared.hook.lock().unwrap() = None;
        self
    }

    /// The requests since the last call.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut *self.shared.requests.lock().unwrap())
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the accepting thread, which then sees that it is over.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl fmt::Debug for GitServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Shared {
    /// Answers one request and closes the connection.
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let Some(request) = read_request(&mut reader)? else {
            return Ok(());
        };
        self.requests.lock().unwrap().push(request.clone());
        let basic = self.basic.lock().unwrap().clone();
        if basic.is_some() && request.headers.get("authorization") != basic.as_ref() {
            return write!(
                stream,
                "HTTP/1.1 401 No\r\nwww-authenticate: Basic realm=\"git\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        }
        let reply = self.hook.lock().unwrap().as_ref().and_then(|hook| hook(&request));
        match reply {
            None => self.run_git(&request, &mut stream, usize::MAX),
            Some(Reply::Truncated(bytes)) => self.run_git(&request, &mut stream, bytes),
            Some(Reply::Status(status)) => {
                write!(stream, "HTTP/1.1 {status} Status\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            }
            Some(Reply::Redirect(location)) => {
                write!(
                    stream,
                    "HTTP/1.1 301 Moved Permanently\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                )
            }
            Some(Reply::Answer(status, headers, body)) => {
                write!(stream, "HTTP/1.1 {status} Status\r\n")?;
                for (name, value) in headers {
                    write!(stream, "{name}: {value}\r\n")?;
                }
                write!(stream, "content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
            }
            Some(Reply::Body(content_type, body)) => {
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                )?;
                stream.write_all(&body)
            }
            Some(Reply::Endless(content_type, start, again)) => {
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\nconnection: close\r\n\r\n")?;
                stream.write_all(&start)?;
                // Ends when the client goes away: then the write fails.
                loop {
                    stream.write_all(&again)?;
                }
            }
            Some(Reply::Silent) => {
                // Ends when the client goes away: then there is an end to read.
                std::io::copy(&mut reader, &mut std::io::sink()).map(drop)
            }
        }
    }

    /// Runs `git http-backend` (git-http-backend(1)) and passes on at most
    /// `most` bytes of its body.
    fn run_git(&self, request: &Request, stream: &mut TcpStream, most: usize) -> std::io::Result<()> {
        let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
        let protocol = if self.version0.load(Ordering::SeqCst) { String::new() } else { header("git-protocol") };
        let mut child = git_command(&self.root, 0)
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", &self.root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("REQUEST_METHOD", &request.method)
            .env("PATH_INFO", &request.path)
            .env("QUERY_STRING", &request.query)
            .env("CONTENT_TYPE", header("content-type"))
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .env("GIT_PROTOCOL", protocol)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        // Git reads the whole request before it answers, so this cannot block
        // on an answer that nobody reads. It may end without reading it.
        drop(child.stdin.take().expect("piped").write_all(&request.body));
        let mut output = Vec::new();
        child.stdout.take().expect("piped").read_to_end(&mut output)?;
        child.wait()?;
        let split = output.windows(4).position(|four| four == b"\r\n\r\n").map_or(output.len(), |at| at + 4);
        let (head, body) = output.split_at(split);
        let head = String::from_utf8_lossy(head);
        let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
        write!(stream, "HTTP/1.1 {status}\r\n")?;
        for line in head.lines().filter(|line| !line.is_empty() && !line.starts_with("Status: ")) {
            write!(stream, "{line}\r\n")?;
        }
        write!(stream, "content-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
        stream.write_all(&body[..body.len().min(most)])
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Request { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers, body }))
}
