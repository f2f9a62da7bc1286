//! What the dashboard calls the model's values.

use super::{islands::AWAY, words::t};
use model::{FileChange, RegistryShape, Stage, view::RefKind};
use std::borrow::Cow;

/// What happened to a file, a field or a component.
pub fn change(change: FileChange) -> Cow<'static, str> {
    match change {
        FileChange::Added => t!("added"),
        FileChange::Changed => t!("changed"),
        FileChange::Removed => t!("removed"),
        FileChange::Renamed => t!("renamed"),
    }
}

/// How a registry is written down.
pub fn shape(shape: RegistryShape) -> Cow<'static, str> {
    match shape {
        RegistryShape::Manifest => shape.label().into(),
        RegistryShape::Built => t!("built items"),
        RegistryShape::Folder => t!("components folder"),
    }
}

/// What a name of a state is.
pub fn ref_kind(kind: RefKind) -> Cow<'static, str> {
    match kind {
        RefKind::Tag => t!("tag"),
        RefKind::Channel => t!("channel"),
        RefKind::Branch => t!("branch"),
    }
}

/// What a sync is doing.
pub fn stage(stage: Stage) -> Cow<'static, str> {
    match stage {
        Stage::Waiting => t!("Waiting for another server"),
        Stage::Fetching => t!("Receiving objects"),
        Stage::Reading => t!("Reading items"),
        Stage::History => t!("Reading history"),
        Stage::Publishing => t!("Publishing"),
        Stage::Preparing => t!("Preparing answers"),
    }
}

/// What the island of a sync says in the browser, where there are no translations:
/// a line for each word, its name before it. Stages go by theirs, what the server
/// answers by its status.
pub fn sync_words() -> String {
    let said = [
        ("start", t!("Sync")),
        ("syncing", t!("Syncing")),
        ("of", t!("of")),
        ("", t!("Waiting to start")),
        (AWAY, t!("The server does not answer. Trying again")),
        ("401", t!("The sync did not start: your session has ended. Sign in again.")),
        ("403", t!("The sync did not start: your role does not allow it. An admin can start it.")),
        ("404", t!("The sync did not start: the repository has been removed.")),
        (
            "503",
            t!(
                "The sync did not start: the registry's database cannot take it now. What was published is still served; try again in a moment."
            ),
        ),
        ("refused", t!("The sync did not start: the server could not take it. Try again, or look at its log.")),
        ("unanswered", t!("The sync did not start: the server does not answer. Check that it runs, then try again.")),
        ("ended", t!("The sync has ended. Reload the page to see what it found.")),
        ("lost", t!("The connection to the server is lost. Reload the page to see where the sync stands.")),
    ];
    let stages = Stage::ALL.map(|of| (of.as_str(), stage(of)));
    let lines = said.into_iter().chain(stages).map(|(name, word)| format!("{name}={word}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_what_the_model_says() {
        for of in Stage::ALL {
            assert_eq!(stage(of), of.label());
        }
        for of in [RegistryShape::Manifest, RegistryShape::Built, RegistryShape::Folder] {
            assert_eq!(shape(of), of.label());
        }
        for of in [FileChange::Added, FileChange::Changed, FileChange::Removed, FileChange::Renamed] {
            assert_eq!(change(of), of.as_str());
        }
        for of in [RefKind::Tag, RefKind::Channel, RefKind::Branch] {
            assert_eq!(ref_kind(of), of.as_str());
        }
    }
}
