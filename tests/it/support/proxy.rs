//! What can go wrong between a server and its database: a TCP proxy that
//! delays, cuts, corrupts, refuses or goes silent when a test says so.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
};

/// What happens to connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: bytes go through.
    Pass,
    /// Each piece of an answer waits for so long.
    Delay(Duration),
    /// An answer ends after so many bytes.
    CutAnswers(usize),
    /// Answers arrive with other bytes than were sent.
    CorruptAnswers,
    /// Connections are closed, and new ones at once.
    Refuse,
    /// Nothing gets through, and nobody is told.
    Silence,
    /// The request that holds all of these texts is passed on, and its answer is not: once.
    LoseAnswerTo(Vec<&'static str>),
}

/// A proxy in front of one address.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    // Ends all of it when it goes.
    _runtime: Runtime,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    fault: watch::Sender<Fault>,
    struck: AtomicUsize,
}

impl Proxy {
    /// A proxy that passes everything to this address.
    pub(crate) fn before(target: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let fault = watch::Sender::new(Fault::Pass);
        let shared = Arc::new(Shared { target, fault, struck: AtomicUsize::new(0) });
        runtime.spawn(accept(listener, shared.clone()));
        Self { address, shared, _runtime: runtime }
    }

    /// Where clients find it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes what happens, to connections that are open, too.
    pub(crate) fn set(&self, fault: Fault) {
        self.shared.fault.send_replace(fault);
    }

    /// How often a fault took effect.
    pub(crate) fn struck(&self) -> usize {
        self.shared.struck.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn strike(&self) {
        self.struck.fetch_add(1, Ordering::SeqCst);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(pass(client, shared.clone()));
    }
}

/// Waits for bytes. Other faults are looked at as they come.
async fn pass(mut client: TcpStream, shared: Arc<Shared>) {
    let mut fault = shared.fault.subscribe();
    if *fault.borrow_and_update() == Fault::Refuse {
        return shared.strike();
    }
    let Ok(mut server) = TcpStream::connect(shared.target).await else { return };
    let (mut asked, mut answered) = (Vec::new(), 0);
    let (mut from_client, mut from_server) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    // Whether the answer to come is to be lost.
    let mut losing = false;
    loop {
        let now = fault.borrow_and_update().clone();
        match now {
            Fault::Refuse => return shared.strike(),
            Fault::Silence => {
                shared.strike();
                if fault.changed().await.is_err() {
                    return;
                }
                continue;
            }
            _ => {}
        }
        tokio::select! {
            changed = fault.changed() => if changed.is_err() { return },
            read = client.read(&mut from_client) => {
                let Ok(1..) = read else { return };
                let bytes = &from_client[..read.expect("some bytes")];
                // A request after an answer is another request.
                if answered > 0 {
                    asked.clear();
                    answered = 0;
                }
                asked.extend_from_slice(bytes);
                if let Fault::LoseAnswerTo(texts) = &now
                    && texts.iter().all(|text| asked.windows(text.len()).any(|part| part == text.as_bytes()))
                {
                    losing = true;
                    shared.fault.send_replace(Fault::Pass);
                }
                if server.write_all(bytes).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(1..) = read else { return };
                let bytes = &mut from_server[..read.expect("some bytes")];
                if losing {
                    return shared.strike();
                }
                match now {
                    Fault::Delay(time) => {
                        shared.strike();
                        tokio::time::sleep(time).await;
                    }
                    Fault::CutAnswers(most) if answered + bytes.len() > most => {
                        let _ = client.write_all(&bytes[..most.saturating_sub(answered)]).await;
                        return shared.strike();
                    }
                    Fault::CorruptAnswers => {
                        shared.strike();
                        // What an answer says, not how it is framed.
                        let body = bytes.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |end| end + 4);
                        for byte in bytes[body..].iter_mut().filter(|byte| byte.is_ascii_lowercase()).step_by(7) {
                            *byte = b'a' + (*byte - b'a' + 13) % 26;
                        }
                    }
                    _ => {}
                }
                answered += bytes.len();
                if client.write_all(bytes).await.is_err() {
                    return;
                }
            }
        }
    }
}
