//! Many deliveries, few looks: which deliveries a look has taken care of.
//!
//! A delivery only tells that a ref moved. While no look is under way, one is
//! begun for it, unless the last look saw the ref where the delivery says. What
//! arrives during a look waits for its end, and is done if that look saw it;
//! otherwise one more look takes care of all that waits. So every delivery is
//! followed by a look that began after it, or by one that saw what it tells.

use git::Refs;
use model::RepositoryId;
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard},
};
use webhook::{GitRef, RefChange, RefKind, Tip};

/// How many different hints wait for a look; beyond them the next look is sure.
const MAX_HINTS: usize = 1_000;
/// How many notes are kept of deliveries that wait: no more are ever shown.
const MAX_NOTES: usize = super::journal::SHOWN;

/// What is known of each repository that is being looked at.
#[derive(Debug, Default)]
pub(super) struct Coalescer(Mutex<HashMap<RepositoryId, Waiting>>);

/// What arrived since the look that is under way began.
#[derive(Debug, Default)]
struct Waiting {
    hints: HashSet<(GitRef, Tip)>,
    too_many: bool,
    notes: Vec<u64>,
}

/// What is to be done about a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Nothing: what it tells was seen.
    UpToDate,
    /// Begin to look.
    Begin,
    /// A look is under way or about to begin, and takes care of it.
    Waits,
}

/// What the end of a look leaves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// The notes of deliveries that waited and are done.
    pub(super) done: Vec<u64>,
    /// Whether one more look is needed.
    pub(super) again: bool,
}

impl Coalescer {
    fn lock(&self) -> MutexGuard<'_, HashMap<RepositoryId, Waiting>> {
        self.0.lock().expect("nothing panics while it holds this lock")
    }

    /// A delivery arrives. `seen` are the refs of the last look that succeeded,
    /// if no other is under way.
    pub(super) fn arrive(
        &self,
        repository: RepositoryId,
        changes: &[RefChange],
        note: Option<u64>,
        seen: Option<&Refs>,
    ) -> Arrival {
        let mut all = self.lock();
        let (waiting, arrival) = match all.get_mut(&repository) {
            Some(waiting) => (waiting, Arrival::Waits),
            None if seen.is_some_and(|seen| changes.iter().all(|change| is_at(seen, &change.name, &change.after))) => {
                return Arrival::UpToDate;
            }
            None => (all.entry(repository).or_default(), Arrival::Begin),
        };
        if waiting.hints.len() + changes.len() > MAX_HINTS {
            waiting.too_many = true;
        } else {
            waiting.hints.extend(changes.iter().map(|change| (change.name.clone(), change.after.clone())));
        }
        if let Some(note) = note {
            if waiting.notes.len() == MAX_NOTES {
                waiting.notes.remove(0);
            }
            waiting.notes.push(note);
        }
        arrival
    }

    /// A look begins: it takes care of all that waits. Answers their notes.
    pub(super) fn begin_look(&self, repository: RepositoryId) -> Vec<u64> {
        std::mem::take(self.lock().entry(repository).or_default()).notes
    }

    /// A look has ended. `seen` are the refs it saw, if it succeeded.
    pub(super) fn end_look(&self, repository: RepositoryId, seen: Option<&Refs>) -> Ended {
        let mut all = self.lock();
        let Some(waiting) = all.get(&repository) else { return Ended { done: Vec::new(), again: false } };
        let saw_all = match seen {
            Some(seen) => waiting.hints.iter().all(|(name, after)| is_at(seen, name, after)),
            None => waiting.hints.is_empty(),
        };
        if !saw_all || waiting.too_many {
            return Ended { done: Vec::new(), again: true };
        }
        let done = all.remove(&repository).map(|waiting| waiting.notes).unwrap_or_default();
        Ended { done, again: false }
    }

    /// No look will come: the repository is gone, or the server stops. Polling
    /// finds what is missed.
    pub(super) fn give_up(&self, repository: RepositoryId) {
        self.lock().remove(&repository);
    }
}

/// Whether a ref is where a delivery says.
fn is_at(seen: &Refs, name: &GitRef, after: &Tip) -> bool {
    let refs = match name.kind {
        RefKind::Branch => &seen.branches,
        RefKind::Tag => &seen.tags,
    };
    match (after, refs.get(&name.name)) {
        (Tip::None, found) => found.is_none(),
        (Tip::At(commit), found) => found == Some(commit),
        (Tip::Somewhere, found) => found.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> RepositoryId {
        RepositoryId::of_key("x")
    }

    fn commit(digit: char) -> model::CommitSha {
        digit.to_string().repeat(40).parse().unwrap()
    }

    fn main_at(digit: char) -> Vec<RefChange> {
        let name = GitRef::from_full_name("refs/heads/main").unwrap();
        vec![RefChange { name, before: Tip::Somewhere, after: Tip::At(commit(digit)) }]
    }

    fn refs(digit: char) -> Refs {
        Refs { branches: [("main".parse().unwrap(), commit(digit))].into(), ..Refs::default() }
    }

    #[test]
    fn a_burst_leads_to_one_look() {
        let coalescer = Coalescer::default();
        assert_eq!(coalescer.arrive(repository(), &main_at('1'), Some(0), None), Arrival::Begin);
        assert_eq!(coalescer.begin_look(repository()), [0]);
        for note in 1..=10_000 {
            assert_eq!(coalescer.arrive(repository(), &main_at('1'), Some(note), None), Arrival::Waits);
        }
        let ended = coalescer.end_look(repository(), Some(&refs('1')));
        assert!(!ended.again);
        assert_eq!(ended.done.len(), MAX_NOTES);
        assert_eq!(ended.done.last(), Some(&10_000), "the newest are those that are shown");
        assert_eq!(coalescer.arrive(repository(), &main_at('1'), None, Some(&refs('1'))), Arrival::UpToDate);
        assert_eq!(coalescer.arrive(repository(), &main_at('2'), None, Some(&refs('1'))), Arrival::Begin);
    }

    #[test]
    fn what_a_look_did_not_see_leads_to_one_more_for_all_that_waits() {
        let coalescer = Coalescer::default();
        coalescer.arrive(repository(), &main_at('1'), None, None);
        coalescer.begin_look(repository());
        for digit in ['1', '2', '3'] {
            coalescer.arrive(repository(), &main_at(digit), None, None);
        }
        assert!(coalescer.end_look(repository(), Some(&refs('1'))).again);
        coalescer.begin_look(repository());
        // Whatever it sees: it began after all of them arrived.
        assert!(!coalescer.end_look(repository(), Some(&refs('9'))).again);
    }

    #[test]
    fn a_look_that_failed_saw_nothing() {
        let coalescer = Coalescer::default();
        coalescer.arrive(repository(), &main_at('1'), None, None);
        coalescer.begin_look(repository());
        coalescer.arrive(repository(), &main_at('1'), None, None);
        assert!(coalescer.end_look(repository(), None).again);
        coalescer.begin_look(repository());
        assert!(!coalescer.end_look(repository(), None).again, "nothing new arrived: polling tries again");
    }

    #[test]
    fn more_hints_than_are_kept_lead_to_one_more_look() {
        let coalescer = Coalescer::default();
        coalescer.arrive(repository(), &main_at('1'), None, None);
        coalescer.begin_look(repository());
        for nth in 0..=MAX_HINTS {
            let name = GitRef::from_full_name(&format!("refs/tags/v{nth}")).unwrap();
            let gone = RefChange { name, before: Tip::Somewhere, after: Tip::None };
            coalescer.arrive(repository(), &[gone], None, None);
        }
        assert!(coalescer.end_look(repository(), Some(&refs('1'))).again);
        coalescer.begin_look(repository());
        assert!(!coalescer.end_look(repository(), Some(&refs('1'))).again);
    }

    #[test]
    fn branches_and_tags_of_one_name_are_two_things() {
        let seen = refs('1');
        let at = |name: &str, after| is_at(&seen, &GitRef::from_full_name(name).unwrap(), &after);
        assert!(at("refs/heads/main", Tip::At(commit('1'))) && at("refs/heads/main", Tip::Somewhere));
        assert!(!at("refs/heads/main", Tip::At(commit('2'))) && !at("refs/heads/main", Tip::None));
        assert!(at("refs/tags/main", Tip::None) && !at("refs/tags/main", Tip::Somewhere));
    }
}
