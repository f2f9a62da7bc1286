//! The guard against addresses that a tenant must not reach.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use futures::future::BoxFuture;
use net::{
    AllowList, BodyLimits, NetError, Resolver, TenantClient, TenantOptions,
    http::{HeaderMap, Url},
    read_body,
};
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// Answers each question about a host with the next of its answers, the last
/// one for ever.
#[derive(Default)]
struct Script {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    asked: AtomicUsize,
}

impl Script {
    fn with(self, host: &str, answers: &[&[&str]]) -> Self {
        let parse = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        self.answers.lock().unwrap().insert(host.to_owned(), answers.iter().map(parse).collect());
        self
    }
}

impl Resolver for Script {
    fn resolve(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let found = answers.get_mut(host).map(|list| if list.len() > 1 { list.remove(0) } else { list[0].clone() });
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such host")) })
    }
}

fn client(allow: &str, resolver: &Arc<Script>) -> TenantClient {
    let options = TenantOptions {
        allow: allow.parse().unwrap(),
        resolver: Arc::<Script>::clone(resolver),
        ..TenantOptions::default()
    };
    TenantClient::with_options(options).unwrap()
}

/// A server that gives every request the same answer, and counts.
async fn server(answer: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.windows(4).any(|four| four == b"\r\n\r\n") {
                match stream.read(&mut buffer).await {
                    Ok(count @ 1..) => request.extend_from_slice(&buffer[..count]),
                    _ => break,
                }
            }
            seen.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
            // A client that leaves early is the test's doing.
            drop(stream.write_all(answer.as_bytes()).await);
        }
    });
    (address, requests)
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// Spellings of places that are nobody's business. `PORT` is a port on which
/// something listens.
const REFUSED: [&str; 78] = [
    // Loopback, in every spelling that a URL allows.
    "http://127.0.0.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://127.127.127.127:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.1:PORT/",
    "http://0x7f.0x0.0x0.0x1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://017700000001:PORT/",
    "http://0177.0x0.0.1:PORT/",
    "http://00000177.0.0.1:PORT/",
    "http://0:PORT/",
    "http://0.0.0.0:PORT/",
    "http://0x0:PORT/",
    "http://①②⑦.⓪.⓪.①:PORT/",
    "http://１２７.０.０.１:PORT/",
    "http://127。0。0。1:PORT/",
    "http://127．0．0．1:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127.0.0.%31:PORT/",
    "http://[::1]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http:127.0.0.1:PORT/",
    "http:/127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT/",
    "http://127.0.0.1\\@example.com:PORT/",
    "https://127.0.0.1:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "http://\t127.0.0.1:PORT/",
    // Names that lead there.
    "http://localhost:PORT/",
    "http://LOCALHOST:PORT/",
    "http://localhost.:PORT/",
    "http://x.localhost:PORT/",
    "http://127.0.0.1.nip.example:PORT/",
    "http://both.example:PORT/",
    "http://mapped.example:PORT/",
    // Private networks.
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://192.168.257/",
    "http://3232235521/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    // Metadata services.
    "http://169.254.169.254/",
    "http://169.254.43518/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[fd00:ec2::254]/",
    "http://168.63.129.16/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://metadata.google.internal/",
    // No places at all.
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://240.0.0.1/",
    "http://[ff02::1]/",
    "http://192.0.2.1/",
    "http://[2001:db8::1]/",
    // Not over HTTP, or with a user.
    "ftp://127.0.0.1:PORT/",
    "http://user:secret@127.0.0.1:PORT/",
];

#[tokio::test]
async fn every_spelling_of_a_private_address_is_refused_before_a_socket_opens() {
    let listeners = ["127.0.0.1:0", "[::1]:0"].map(std::net::TcpListener::bind);
    let listeners: Vec<_> = listeners.into_iter().flatten().collect();
    let port = listeners[0].local_addr().unwrap().port().to_string();
    let loopback: &[&[&str]] = &[&["127.0.0.1"]];
    let resolver = Arc::new(
        Script::default()
            .with("localhost", loopback)
            .with("localhost.", loopback)
            .with("x.localhost", loopback)
            .with("127.0.0.1.nip.example", loopback)
            .with("both.example", &[&["1.1.1.1", "127.0.0.1"]])
            .with("mapped.example", &[&["::ffff:127.0.0.1"]])
            .with("metadata.google.internal", &[&["169.254.169.254"]]),
    );
    let client = client("", &resolver);
    for text in REFUSED {
        let text = text.replace("PORT", &port);
        // What is no URL cannot be asked for either.
        let Ok(url) = Url::parse(&text) else { continue };
        let error = client.get(&url, HeaderMap::new()).await.unwrap_err();
        assert!(matches!(error, NetError::NotPublic { .. } | NetError::InvalidUrl { .. }), "{text}: {error}");
        let error = client.post(&url, HeaderMap::new(), bytes::Bytes::new()).await.unwrap_err();
        assert!(matches!(error, NetError::NotPublic { .. } | NetError::InvalidUrl { .. }), "{text}: {error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    for listener in listeners {
        listener.set_nonblocking(true).unwrap();
        assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}

#[tokio::test]
async fn at_least_sixty_of_these_spellings_are_urls() {
    let urls = REFUSED.iter().filter(|text| Url::parse(&text.replace("PORT", "80")).is_ok());
    assert!(urls.count() >= 60);
}

#[tokio::test]
async fn a_name_that_changes_its_mind_does_not_get_through() {
    let (address, requests) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    // Checked once as allowed, then private: the second answer must not count
    // as checked, and the first request must not ask a second time.
    let resolver = Arc::new(Script::default().with("rebind.example", &[&["127.0.0.1"], &["127.0.0.2"]]));
    let client = client("rebind.example=127.0.0.1/32", &resolver);
    let target = url(&format!("http://rebind.example:{}/", address.port()));
    client.get(&target, HeaderMap::new()).await.unwrap();
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    let error = client.get(&target, HeaderMap::new()).await.unwrap_err();
    assert!(matches!(error, NetError::NotPublic { .. }), "{error}");
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn host_and_range_must_both_be_allowed() {
    let (address, requests) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    let port = address.port();
    let resolver =
        Arc::new(Script::default().with("git.corp.example", &[&["127.0.0.1"]]).with("evil.example", &[&["127.0.0.1"]]));
    let client = client("git.corp.example=127.0.0.0/8", &resolver);
    let response = client.get(&url(&format!("http://git.corp.example:{port}/")), HeaderMap::new()).await.unwrap();
    let limits = BodyLimits { max_bytes: 2, deadline: Duration::from_secs(5) };
    assert_eq!(read_body(response, limits).await.unwrap().as_ref(), b"ok");
    for host in ["evil.example", "127.0.0.1"] {
        let error = client.get(&url(&format!("http://{host}:{port}/")), HeaderMap::new()).await.unwrap_err();
        assert!(matches!(error, NetError::NotPublic { .. }), "{error}");
    }
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_checked_like_a_first_request() {
    let resolver = Arc::new(Script::default());
    let client = client("127.0.0.1=127.0.0.0/8", &resolver);
    for location in [
        "http://169.254.169.254/latest",
        "http://2852039166/",
        "https://127.0.0.1/",
        "//evil.example/x",
        "http://127.0.0.1:1/",
        "http://me:secret@127.0.0.1/",
        "file:///etc/passwd",
    ] {
        let answer =
            format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let (address, requests) = server(answer.leak()).await;
        let target = url(&format!("http://{address}/"));
        let error = client.get(&target, HeaderMap::new()).await.unwrap_err();
        assert!(matches!(error, NetError::Redirect { .. }), "{location}: {error}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(matches!(
            client.post(&target, HeaderMap::new(), bytes::Bytes::new()).await,
            Err(NetError::Redirect { .. })
        ));
        assert_eq!(requests.lock().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn redirects_end_after_three() {
    let (address, requests) =
        server("HTTP/1.1 307 Again\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    let client = client("127.0.0.1=127.0.0.0/8", &Arc::default());
    let error = client.get(&url(&format!("http://{address}/")), HeaderMap::new()).await.unwrap_err();
    assert!(error.to_string().contains("more than three redirects"), "{error}");
    assert_eq!(requests.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_body_over_its_limit_is_not_read_on() {
    let client = client("127.0.0.1=127.0.0.0/8", &Arc::default());
    let limits = BodyLimits { max_bytes: 3, deadline: Duration::from_secs(5) };
    for answer in
        ["HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfour", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nfour"]
    {
        let (address, _) = server(answer).await;
        let response = client.get(&url(&format!("http://{address}/")), HeaderMap::new()).await.unwrap();
        assert!(matches!(read_body(response, limits).await, Err(NetError::TooLarge { limit: 3, .. })));
    }
}

#[tokio::test]
async fn a_body_that_does_not_end_in_time_is_given_up() {
    let client = client("127.0.0.1=127.0.0.0/8", &Arc::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = url(&format!("http://{}/?token=canary", listener.local_addr().unwrap()));
    let asked = client.get(&target, HeaderMap::new());
    let answered = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        assert_ne!(stream.read(&mut request).await.unwrap(), 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx").await.unwrap();
        stream
    };
    let (response, _open) = tokio::join!(asked, answered);
    let limits = BodyLimits { max_bytes: 100, deadline: Duration::from_millis(20) };
    let error = read_body(response.unwrap(), limits).await.unwrap_err();
    assert!(matches!(error, NetError::Timeout { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[tokio::test]
async fn no_error_tells_the_query_or_the_credentials() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let resolver = Arc::new(Script::default());
    let client = client("127.0.0.1=127.0.0.0/8", &resolver);
    for text in [
        format!("http://{free}/?token=canary"),
        "http://nowhere.example/?token=canary".to_owned(),
        "http://10.0.0.1/?token=canary".to_owned(),
    ] {
        let error = client.get(&url(&text), HeaderMap::new()).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn nothing_is_allowed_by_default() {
    let client = TenantClient::new(AllowList::default()).unwrap();
    assert!(client.check(&url("https://140.82.112.3/")).is_ok());
    assert!(client.check(&url("https://github.com/")).is_ok());
    assert!(client.check(&url("https://192.168.0.1/")).is_err());
    assert!(client.check(&url("file:///etc/passwd")).is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn a_control_socket_is_reached_whatever_the_url_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let client = net::unix_client(&path).unwrap();
    let asked = async { client.get("http://localhost/health").send().await.unwrap().text().await.unwrap() };
    let answered = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 1024];
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..count].starts_with(b"GET /health "));
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await.unwrap();
    };
    let (text, ()) = tokio::join!(asked, answered);
    assert_eq!(text, "ok");
}
