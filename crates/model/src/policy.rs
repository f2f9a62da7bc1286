//! What to do with a dependency that an author wrote as a bare name.

use crate::RegistryShape;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How bare `registryDependencies` that might be ours are served. The stock CLI
/// sends every bare name to ui.shadcn.com (`specs/shadcn-protocol.md` 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DependencyPolicy {
    /// A name that this repository has is ours, also where shadcn has one too.
    OwnFirst,
    /// A name that this repository has is ours unless shadcn has it too.
    #[default]
    ShadcnFirst,
    /// Nothing is rewritten: served as `shadcn build` writes it.
    AsWritten,
}

impl DependencyPolicy {
    /// All policies, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::OwnFirst, Self::ShadcnFirst, Self::AsWritten];

    /// The policy where nobody chose one. The dependencies of a components
    /// folder are its own imports, so they mean its own items.
    pub fn default_for(shape: RegistryShape) -> Self {
        if shape == RegistryShape::Folder { Self::OwnFirst } else { Self::ShadcnFirst }
    }

    /// The policy's name on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OwnFirst => "own-first",
            Self::ShadcnFirst => "shadcn-first",
            Self::AsWritten => "as-written",
        }
    }
}

impl fmt::Display for DependencyPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DependencyPolicy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text).ok_or_else(|| {
            format!("`{text}` is not a dependency policy; expected own-first, shadcn-first or as-written")
        })
    }
}
