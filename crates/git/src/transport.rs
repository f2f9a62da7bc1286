//! libgit2's smart HTTP over our own client: a subtransport that asks, waits
//! and counts, and hands on nothing that the gate has not passed.

mod context;

pub(crate) use context::Context;

use crate::gate::Gate;
use bytes::{Buf as _, Bytes};
use git2::{
    Error,
    transport::{Service, SmartSubtransport, SmartSubtransportStream},
};
use net::BodyReader;
use std::{
    cell::RefCell,
    io::{self, Read, Write},
    sync::Arc,
};

/// Most bytes of one request: 256 haves and the wants of 16 MiB of refs fit.
const MAX_REQUEST: usize = 32 << 20;

thread_local! {
    /// The fetch that this thread is making. libgit2 calls the factory on the
    /// thread that fetches, and passes it nothing that could name a context.
    static CURRENT: RefCell<Option<Arc<Context>>> = const { RefCell::new(None) };
}

/// Runs `fetch` with `context` behind every subtransport that it makes.
pub(crate) fn with_context<T>(context: &Arc<Context>, fetch: impl FnOnce() -> T) -> T {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            CURRENT.with_borrow_mut(|current| *current = None);
        }
    }
    CURRENT.with_borrow_mut(|current| *current = Some(Arc::clone(context)));
    let _reset = Reset;
    fetch()
}

/// The subtransport of the fetch that this thread is making.
pub(crate) fn subtransport() -> Subtransport {
    Subtransport { context: CURRENT.with_borrow(Option::clone) }
}

/// A subtransport that refuses everything.
pub(crate) fn refusing() -> Subtransport {
    Subtransport { context: None }
}

pub(crate) struct Subtransport {
    context: Option<Arc<Context>>,
}

impl SmartSubtransport for Subtransport {
    fn action(&self, _url: &str, action: Service) -> Result<Box<dyn SmartSubtransportStream>, Error> {
        let Some(context) = &self.context else {
            return Err(Error::from_str("this transport is not used here"));
        };
        match action {
            Service::UploadPackLs => {
                let advertisement = context.advertisement_v0().map_err(|error| context.fail(error))?;
                Ok(Box::new(Listed(advertisement)))
            }
            Service::UploadPack => {
                Ok(Box::new(Exchange { context: Arc::clone(context), request: Vec::new(), answer: None }))
            }
            Service::ReceivePackLs | Service::ReceivePack => Err(Error::from_str("nothing is ever pushed")),
        }
    }

    fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// The ref advertisement, whole: it was bounded and checked when it came.
struct Listed(Bytes);

impl Read for Listed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.0.len());
        self.0.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

impl Write for Listed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("nothing is sent with a request for refs"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One POST: what is written is sent at the first read.
struct Exchange {
    context: Arc<Context>,
    request: Vec<u8>,
    answer: Option<Answer>,
}

struct Answer {
    body: BodyReader,
    gate: Gate,
    piece: Bytes,
}

impl Read for Exchange {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_on(buffer).map_err(|error| {
            let error = self.context.fail(error);
            io::Error::other(error.message().to_owned())
        })
    }
}

impl Exchange {
    fn read_on(&mut self, buffer: &mut [u8]) -> Result<usize, crate::GitError> {
        let answer = match &mut self.answer {
            Some(answer) => answer,
            empty => {
                let body = self.context.upload_pack(std::mem::take(&mut self.request))?;
                let gate = Gate::new(self.context.limits());
                empty.insert(Answer { body, gate, piece: Bytes::new() })
            }
        };
        while answer.piece.is_empty() {
            let Some(piece) = self.context.piece(&mut answer.body)? else {
                return Ok(0);
            };
            answer.gate.pass(&piece).map_err(|stop| self.context.stopped(stop))?;
            answer.piece = piece;
        }
        let count = buffer.len().min(answer.piece.len());
        answer.piece.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

impl Write for Exchange {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.request.len() + bytes.len() > MAX_REQUEST {
            return Err(io::Error::other("the request for objects is too long"));
        }
        self.request.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
