//! A pack as it streams by (gitformat-pack(5)): every object's declared and
//! real size, and every delta's result, without keeping any.

use super::Stop;
use crate::{error::Limit, limits::Limits};
use flate2::{Decompress, FlushDecompress, Status};

/// Object types 6 and 7: deltas against an offset and against an object's name.
const OFS_DELTA: u8 = 6;
const REF_DELTA: u8 = 7;

/// Most bytes of a size or an offset, seven bits to a byte: 63 bits, so that
/// nothing is ever cut off and taken for a small number.
const MAX_VARINT: u32 = 9;

/// What the next bytes are.
enum State {
    /// `PACK`, version, number of objects.
    Header { bytes: [u8; 12], have: usize },
    /// An object's type and size.
    Object,
    /// The rest of a size: the bits so far, and the next ones' place.
    Size { kind: u8, size: u64, shift: u32 },
    /// How far back a delta's base is.
    Offset { size: u64, have: u32 },
    /// The name of a delta's base.
    Base { size: u64, left: usize },
    /// The object's compressed bytes.
    Data { delta: bool, size: u64 },
    /// The pack's own SHA-1.
    Trailer { left: usize },
    /// Nothing more may come.
    End,
}

/// Reads a delta's two leading sizes out of its inflated bytes.
#[derive(Default)]
struct DeltaSizes {
    index: u8,
    value: u64,
    have: u32,
}

impl DeltaSizes {
    /// Takes bytes until the second size, the result's, is complete.
    fn read(&mut self, bytes: &[u8]) -> Result<Option<u64>, Stop> {
        for byte in bytes {
            if self.index == 2 {
                return Ok(None);
            }
            if self.have == MAX_VARINT {
                return Err(Stop::Malformed("a delta's size without an end"));
            }
            self.value |= u64::from(byte & 0x7f).checked_shl(7 * self.have).unwrap_or(0);
            self.have += 1;
            if byte & 0x80 == 0 {
                let value = std::mem::take(&mut self.value);
                self.have = 0;
                self.index += 1;
                if self.index == 2 {
                    return Ok(Some(value));
                }
            }
        }
        Ok(None)
    }
}

/// Watches a pack go by.
pub(super) struct PackScanner {
    state: State,
    max_objects: u64,
    max_object_bytes: u64,
    max_inflated_bytes: u64,
    objects_left: u64,
    inflated_total: u64,
    inflate: Decompress,
    delta: DeltaSizes,
    buffer: Box<[u8]>,
}

impl PackScanner {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            state: State::Header { bytes: [0; 12], have: 0 },
            max_objects: limits.max_objects,
            max_object_bytes: limits.max_object_bytes,
            max_inflated_bytes: limits.max_inflated_bytes,
            objects_left: 0,
            inflated_total: 0,
            inflate: Decompress::new(true),
            delta: DeltaSizes::default(),
            buffer: vec![0; 32 << 10].into(),
        }
    }

    /// Looks at the pack's next bytes.
    pub(super) fn scan(&mut self, mut bytes: &[u8]) -> Result<(), Stop> {
        while let Some((first, rest)) = bytes.split_first() {
            bytes = match &mut self.state {
                State::Data { .. } => self.data(bytes)?,
                State::Trailer { left } => {
                    *left -= 1;
                    if *left == 0 {
                        self.state = State::End;
                    }
                    rest
                }
                State::End => return Err(Stop::Malformed("bytes behind the pack's end")),
                _ => {
                    self.head(*first)?;
                    rest
                }
            };
        }
        Ok(())
    }

    /// Takes one byte of a header.
    fn head(&mut self, byte: u8) -> Result<(), Stop> {
        match &mut self.state {
            State::Header { bytes, have } => {
                bytes[*have] = byte;
                *have += 1;
                if let (12, [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, a, b, c, d]) = (*have, *bytes) {
                    self.objects_left = u32::from_be_bytes([a, b, c, d]).into();
                    if self.objects_left > self.max_objects {
                        return Err(Stop::Limit(Limit::Objects, self.max_objects));
                    }
                    self.next_object();
                } else if *have == 12 {
                    return Err(Stop::Malformed("a pack of an unknown kind"));
                }
            }
            State::Object => {
                let kind = (byte >> 4) & 7;
                let size = u64::from(byte & 0x0f);
                if byte & 0x80 == 0 {
                    self.sized(kind, size)?;
                } else {
                    self.state = State::Size { kind, size, shift: 4 };
                }
            }
            State::Size { kind, size, shift } => {
                *size |= u64::from(byte & 0x7f) << *shift;
                *shift += 7;
                if byte & 0x80 == 0 {
                    let (kind, size) = (*kind, *size);
                    self.sized(kind, size)?;
                } else if *shift > 56 {
                    return Err(Stop::Malformed("an object's size without an end"));
                }
            }
            State::Offset { size, have } => {
                *have += 1;
                if byte & 0x80 == 0 {
                    let size = *size;
                    self.begin_data(true, size);
                } else if *have == MAX_VARINT {
                    return Err(Stop::Malformed("a delta's offset without an end"));
                }
            }
            State::Base { size, left } => {
                *left -= 1;
                if *left == 0 {
                    let size = *size;
                    self.begin_data(true, size);
                }
            }
            State::Data { .. } | State::Trailer { .. } | State::End => {
                unreachable!("`scan` takes these itself")
            }
        }
        Ok(())
    }

    /// An object's type and size are known.
    fn sized(&mut self, kind: u8, size: u64) -> Result<(), Stop> {
        self.object_of(size)?;
        match kind {
            1..=4 => self.begin_data(false, size),
            OFS_DELTA => self.state = State::Offset { size, have: 0 },
            REF_DELTA => self.state = State::Base { size, left: 20 },
            _ => return Err(Stop::Malformed("an object of an unknown type")),
        }
        Ok(())
    }

    /// Counts an object, or a delta's result, of this size.
    fn object_of(&mut self, size: u64) -> Result<(), Stop> {
        if size > self.max_object_bytes {
            return Err(Stop::Limit(Limit::ObjectBytes, self.max_object_bytes));
        }
        self.inflated_total = self.inflated_total.saturating_add(size);
        if self.inflated_total > self.max_inflated_bytes {
            return Err(Stop::Limit(Limit::InflatedBytes, self.max_inflated_bytes));
        }
        Ok(())
    }

    fn begin_data(&mut self, delta: bool, size: u64) {
        self.inflate.reset(true);
        self.delta = DeltaSizes::default();
        self.state = State::Data { delta, size };
    }

    fn next_object(&mut self) {
        self.state = if self.objects_left == 0 { State::Trailer { left: 20 } } else { State::Object };
    }

    /// Inflates what belongs to this object and returns the rest.
    fn data<'a>(&mut self, mut bytes: &'a [u8]) -> Result<&'a [u8], Stop> {
        let State::Data { delta, size } = self.state else { unreachable!("called in this state alone") };
        loop {
            let (taken, made) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(bytes, &mut self.buffer, FlushDecompress::None)
                .map_err(|_| Stop::Malformed("an object that does not inflate"))?;
            let taken = usize::try_from(self.inflate.total_in() - taken).expect("no more than `bytes` holds");
            let made = usize::try_from(self.inflate.total_out() - made).expect("no more than the buffer holds");
            bytes = &bytes[taken..];
            // What is declared is bounded, so this bounds what is real.
            if self.inflate.total_out() > size {
                return Err(Stop::Malformed("an object that is larger than it says"));
            }
            if delta && let Some(result) = self.delta.read(&self.buffer[..made])? {
                self.object_of(result)?;
            }
            if status == Status::StreamEnd {
                if self.inflate.total_out() != size {
                    return Err(Stop::Malformed("an object that is smaller than it says"));
                }
                self.objects_left -= 1;
                self.next_object();
                return Ok(bytes);
            }
            if made == 0 && taken == 0 {
                // More input is needed; with input left over, it would stall.
                return if bytes.is_empty() {
                    Ok(bytes)
                } else {
                    Err(Stop::Malformed("an object that does not inflate"))
                };
            }
            if bytes.is_empty() && made < self.buffer.len() {
                return Ok(bytes);
            }
        }
    }
}
