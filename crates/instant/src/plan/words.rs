//! A plan in words.

use super::{Addition, Difference, Plan};
use std::fmt;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sections = Vec::new();
        let mut section = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                sections.push(format!("{title}\n  {}", lines.join("\n  ")));
            }
        };
        section("To add:", self.add.iter().map(ToString::to_string).collect());
        section("To change:", self.change.iter().map(|change| in_words(change, "to be")).collect());
        section("Cannot be reconciled:", self.conflicts.iter().map(ToString::to_string).collect());
        let left = self.left.iter().map(|left| format!("{}.{}: {}", left.entity, left.label, left.why));
        section("Left as it is:", left.collect());
        if self.is_done() {
            sections.insert(0, "The schema is up to date.".to_owned());
        }
        f.write_str(&sections.join("\n"))
    }
}

/// In the words of a conflict.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&in_words(self, "needed"))
    }
}

fn in_words(difference: &Difference, wanted: &str) -> String {
    let Difference { entity, label, flag, found, wanted: value } = difference;
    format!("{entity}.{label}: {flag}: {found}, {wanted}: {value}")
}

impl fmt::Display for Addition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Namespace { entity } => write!(f, "namespace {entity}"),
            Self::Attribute { entity, label, r#type, unique, indexed, required } => {
                write!(f, "attribute {entity}.{label}: {type}")?;
                let flags = [(unique, "unique"), (indexed, "indexed"), (required, "required")];
                flags.iter().filter(|(set, _)| **set).try_for_each(|(_, name)| write!(f, ", {name}"))
            }
            Self::Link { entity, label, has, reverse_entity, reverse_label, reverse_has, cascade } => {
                write!(f, "link {entity}.{label} ({has}) to {reverse_entity}.{reverse_label} ({reverse_has})")?;
                if *cascade { f.write_str(", deleted with it") } else { Ok(()) }
            }
        }
    }
}
