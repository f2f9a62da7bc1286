//! Addresses that have to be known before a server starts there.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::atomic::{AtomicU16, Ordering},
};

/// Ports that the system gives to nobody by itself: an outgoing connection must
/// not take one between the look and the start.
const FIRST: u16 = 10_000;
const COUNT: u16 = 20_000;

/// How many were looked at.
static LOOKED_AT: AtomicU16 = AtomicU16::new(0);

/// A free address on loopback, given to nobody else in this process.
pub(crate) fn free_address() -> SocketAddr {
    // Several test processes may run at once.
    let begin = std::process::id().wrapping_mul(641);
    (0..COUNT)
        .find_map(|_| {
            let nth = begin.wrapping_add(LOOKED_AT.fetch_add(1, Ordering::Relaxed).into());
            let port = FIRST + u16::try_from(nth % u32::from(COUNT)).expect("below the count");
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|free| free.local_addr()).ok()
        })
        .expect("a free port")
}
