//! The messages of a stream of server-sent events
//! (`specs/instantdb-admin-api.md` 8): bounded, and never silent for long.

use super::http::{Again, Failure};
use bytes::Bytes;
use futures::stream::{BoxStream, Stream, StreamExt as _, try_unfold};
use net::http::Response;
use serde_json::Value;
use sse_stream::SseByteStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// The most bytes between the ends of two messages.
const MAX_MESSAGE: u64 = 256 << 20;

/// What ended the bytes of a stream.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the stream of events was silent for {} s", .0.as_secs_f32())]
    Silent(Duration),
    #[error("the stream of events broke: {0}")]
    Broken(String),
    #[error("a message of the stream of events is larger than {MAX_MESSAGE} bytes")]
    TooLarge,
}

/// The messages of a stream, as JSON.
pub(super) struct Events {
    messages: SseByteStream<BoxStream<'static, Result<Bytes, Ended>>>,
    /// Bytes since the last message.
    pending: Arc<AtomicU64>,
}

impl Events {
    /// Reads an answer's body; `silence` is how long it may pause.
    pub(super) fn of(response: Response, silence: Duration) -> Self {
        let chunks = try_unfold(response, move |mut response| async move {
            match timeout(silence, response.chunk()).await {
                Ok(Ok(Some(chunk))) => Ok(Some((chunk, response))),
                Ok(Ok(None)) => Ok(None),
                Ok(Err(error)) => Err(Ended::Broken(error.without_url().to_string())),
                Err(_) => Err(Ended::Silent(silence)),
            }
        });
        Self::from_chunks(chunks)
    }

    fn from_chunks(chunks: impl Stream<Item = Result<Bytes, Ended>> + Send + 'static) -> Self {
        let pending = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&pending);
        let bounded = chunks.map(move |chunk| {
            let chunk = chunk?;
            let bytes = chunk.len() as u64;
            if counter.fetch_add(bytes, Ordering::Relaxed) + bytes > MAX_MESSAGE {
                return Err(Ended::TooLarge);
            }
            Ok(chunk)
        });
        Self { messages: SseByteStream::new(bounded.boxed()), pending }
    }

    /// The next message; comments and fields without data are left out.
    pub(super) async fn next(&mut self) -> Result<Value, Failure> {
        loop {
            let event = match self.messages.next().await {
                Some(Ok(event)) => event,
                Some(Err(sse_stream::Error::Body(ended))) => return Err(lost(ended.to_string())),
                Some(Err(error)) => return Err(lost(format!("the stream of events cannot be read: {error}"))),
                None => return Err(lost("the stream of events ended".to_owned())),
            };
            self.pending.store(0, Ordering::Relaxed);
            let Some(data) = event.data.filter(|data| !data.is_empty()) else { continue };
            return serde_json::from_str(&data)
                .map_err(|error| lost(format!("a message of the stream of events is not JSON: {error}")));
        }
    }
}

/// A stream that ends says nothing about InstantDB: the next call tells.
fn lost(what: String) -> Failure {
    Failure::unavailable(what, Again::IfRepeatable, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    async fn read(chunks: Vec<Result<Bytes, Ended>>) -> (Vec<Value>, String) {
        let mut events = Events::from_chunks(futures::stream::iter(chunks));
        let mut messages = Vec::new();
        loop {
            match events.next().await {
                Ok(message) => messages.push(message),
                Err(failure) => return (messages, failure.error.to_string()),
            }
        }
    }

    /// A stream as InstantDB writes it, with everything that may stand in one.
    fn stream(messages: &[Value]) -> String {
        let event = |(index, message)| match index % 4 {
            0 => format!("data: {message}\n\n"),
            1 => format!(": keep alive\n\ndata:{message}\r\n\r\n"),
            2 => format!("id: 7\nevent: message\ndata: {message}\nunknown: x\n\n"),
            _ => format!(":\n:\n\ndata: {message}\r\r"),
        };
        std::iter::once("retry: 500\n\n".to_owned()).chain(messages.iter().enumerate().map(event)).collect()
    }

    proptest! {
        #[test]
        fn messages_are_the_same_however_the_stream_is_cut(
            texts in proptest::collection::vec("[a-zäö€😀\"\\\\\n\r: ]{0,12}", 0..8),
            cuts in proptest::collection::vec(1_usize..40, 1..20),
        ) {
            let messages: Vec<Value> = texts.iter().enumerate().map(|(n, text)| json!({ "n": n, "text": text })).collect();
            let whole = Bytes::from(stream(&messages));
            let mut rest = whole;
            let mut chunks = Vec::new();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                chunks.push(Ok(rest.split_to((*cut).min(rest.len()))));
            }
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (read, end) = runtime.block_on(read(chunks));
            prop_assert_eq!(read, messages);
            prop_assert!(end.contains("ended"), "{}", end);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(read(vec![Ok(bytes.into())]));
        }
    }

    #[tokio::test]
    async fn half_a_message_is_none() {
        let (messages, end) = read(vec![Ok("data: {\"a\":1}\n\ndata: {\"a\":2}\n".into())]).await;
        assert_eq!(messages, [json!({ "a": 1 })]);
        assert!(end.contains("ended"));
    }

    #[tokio::test]
    async fn what_is_not_json_ends_it_with_a_reason() {
        let (messages, end) = read(vec![Ok("data: <html>\n\n".into())]).await;
        assert!(messages.is_empty() && end.contains("not JSON"), "{end}");
    }

    #[tokio::test]
    async fn a_message_without_end_is_not_collected_for_ever() {
        let chunk = Bytes::from(vec![b'x'; 32 << 20]);
        let endless = futures::stream::iter(std::iter::repeat_with(move || Ok(chunk.clone())));
        let mut events = Events::from_chunks(endless);
        let error = events.next().await.unwrap_err().error.to_string();
        assert!(error.contains("larger than"), "{error}");
    }
}
