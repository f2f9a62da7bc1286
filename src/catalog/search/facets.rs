//! What a search can be narrowed by: the values that occur, and how many of
//! what was found has each.

use model::view::FacetKind;
use std::collections::HashMap;

/// The values of one facet, and which of them each thing has.
#[derive(Debug, Default)]
pub(super) struct Facet {
    values: Vec<Box<str>>,
    /// The values of all things one after the other, and where each thing's end.
    of: Vec<u32>,
    ends: Vec<u32>,
}

/// Gathers values, thing by thing.
#[derive(Debug, Default)]
pub(super) struct Builder {
    facet: Facet,
    known: HashMap<Box<str>, u32>,
}

fn short(length: usize) -> u32 {
    u32::try_from(length).expect("a catalogue has far fewer than 2^32 values")
}

impl Builder {
    /// The values of the next thing; one that it has twice counts once.
    pub(super) fn thing<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        let from = self.facet.of.len();
        for value in values {
            let known = self.known.get(value).copied();
            let id = known.unwrap_or_else(|| {
                let id = short(self.facet.values.len());
                self.facet.values.push(value.into());
                self.known.insert(value.into(), id);
                id
            });
            if !self.facet.of[from..].contains(&id) {
                self.facet.of.push(id);
            }
        }
        self.facet.ends.push(short(self.facet.of.len()));
    }

    pub(super) fn build(self) -> Facet {
        self.facet
    }
}

impl Facet {
    fn of(&self, thing: usize) -> &[u32] {
        let from = thing.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.of[from..self.ends[thing] as usize]
    }

    /// The ids of these values; one that does not occur is nobody's.
    fn ids(&self, chosen: &[&str]) -> Vec<u32> {
        let id = |value: &&str| self.values.iter().position(|known| **known == **value).map_or(u32::MAX, short);
        chosen.iter().map(id).collect()
    }
}

/// How many have each value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    /// The facet.
    pub kind: FacetKind,
    /// How many would be found if nothing were chosen of this facet.
    pub without: usize,
    /// Values with how many have them, most first; none without any.
    pub values: Vec<(Box<str>, usize)>,
}

/// The facets of all things, in the order of [`FacetKind::ALL`].
pub(super) type Facets = [Facet; FacetKind::ALL.len()];

/// Keeps what has one of the chosen values of every facet. Each facet is
/// counted over what all the others keep, so its counts say what choosing
/// another value would find. Without `count` nothing is counted.
pub(super) fn narrow(
    facets: &Facets,
    chosen: &[Vec<&str>; FacetKind::ALL.len()],
    things: &mut Vec<u32>,
    count: bool,
) -> Vec<FacetCount> {
    let mut wanted = facets.iter().zip(chosen).map(|(facet, chosen)| facet.ids(chosen));
    let wanted: [Vec<u32>; FacetKind::ALL.len()] = std::array::from_fn(|_| wanted.next().unwrap_or_default());
    let mut counts: [Vec<usize>; FacetKind::ALL.len()] = std::array::from_fn(|at| vec![0; facets[at].values.len()]);
    let mut without = [0; FacetKind::ALL.len()];
    things.retain(|&thing| {
        let has = |at: usize| facets[at].of(thing as usize);
        let refuses = |at: &usize| !wanted[*at].is_empty() && !has(*at).iter().any(|id| wanted[*at].contains(id));
        let mut refusing = (0..facets.len()).filter(refuses);
        let (first, second) = (refusing.next(), refusing.next());
        if count && second.is_none() {
            for at in (0..facets.len()).filter(|&at| first.is_none_or(|only| only == at)) {
                without[at] += 1;
                has(at).iter().for_each(|&id| counts[at][id as usize] += 1);
            }
        }
        first.is_none()
    });
    if !count {
        return Vec::new();
    }
    let told = FacetKind::ALL.into_iter().zip(facets).zip(counts.into_iter().zip(without));
    told.map(|((kind, facet), (counts, without))| {
        let counted = facet.values.iter().cloned().zip(counts).filter(|(_, count)| *count > 0);
        let mut values: Vec<_> = counted.collect();
        values.sort_unstable_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        FacetCount { kind, without, values }
    })
    .collect()
}
