//! pkt-lines (gitprotocol-common(5)): four hexadecimal digits of length, which
//! count themselves, then the content.

/// One pkt-line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    /// Content.
    Data(&'a [u8]),
    /// `0000`: the end of a message.
    Flush,
    /// `0001`: a divider within a message (version 2).
    Delimiter,
    /// `0002`: the end of a response (version 2).
    ResponseEnd,
}

/// A length that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The length that four digits announce: of the whole packet, or 0, 1 or 2.
pub(crate) fn length(digits: &[u8]) -> Result<usize, Malformed> {
    let text = str::from_utf8(digits).map_err(|_| Malformed)?;
    // `from_str_radix` takes a sign.
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Malformed);
    }
    match usize::from_str_radix(text, 16).map_err(|_| Malformed)? {
        3 => Err(Malformed),
        length => Ok(length),
    }
}

/// Takes one packet off the front of a whole message; `None` at its end.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Result<Option<Packet<'a>>, Malformed> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let (digits, rest) = bytes.split_at_checked(4).ok_or(Malformed)?;
    let (packet, rest) = match length(digits)? {
        0 => (Packet::Flush, rest),
        1 => (Packet::Delimiter, rest),
        2 => (Packet::ResponseEnd, rest),
        length => {
            let (data, rest) = rest.split_at_checked(length - 4).ok_or(Malformed)?;
            (Packet::Data(data), rest)
        }
    };
    *bytes = rest;
    Ok(Some(packet))
}

/// Appends a text as one packet.
pub(crate) fn put(message: &mut Vec<u8>, text: &str) {
    message.extend_from_slice(format!("{:04x}{text}", text.len() + 4).as_bytes());
}

/// A packet's text without its line end.
pub(crate) fn line(data: &[u8]) -> &[u8] {
    data.strip_suffix(b"\n").unwrap_or(data)
}
