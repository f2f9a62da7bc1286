//! Findings about a source: what, where, and how to mend it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Could be better; nothing that anyone must look at.
    Note,
    /// Served as it is; someone should know.
    Warning,
    /// The item is quarantined: its last good version stays served.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// The stable code of a kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiagnosticCode {
    /// The repository or folder has nothing that reads as a registry.
    NoRegistry,
    /// A file is not JSON.
    MalformedJson,
    /// A text is not UTF-8.
    NotUtf8,
    /// A field does not fit the schema.
    Schema,
    /// The item's `type` is not one that the CLI knows.
    UnknownType,
    /// The item's name cannot be served.
    InvalidName,
    /// The item's name is one of the registry's own routes.
    ReservedName,
    /// Two items of one registry have the same name.
    DuplicateName,
    /// Another repository holds the name.
    NameTaken,
    /// A file that an item names is not in the tree.
    MissingFile,
    /// A path or target leaves the tree or the consumer's project.
    UnsafePath,
    /// A path leads to a symbolic link.
    Symlink,
    /// A path leads into a submodule.
    Submodule,
    /// A file is over the size limit.
    FileTooLarge,
    /// A file's bytes are not text.
    BinaryFile,
    /// A dependency begins with `-`.
    UnsafeDependency,
    /// An `include` rule is broken.
    Include,
    /// Own items referenced by bare name, which the CLI would ask shadcn for.
    BareOwnDependency,
    /// A registry dependency that this registry cannot resolve.
    UnresolvedDependency,
    /// A dependency on an own item by its address elsewhere.
    SelfAddress,
    /// An npm package is needed without a version range.
    UnpinnedPackage,
    /// Two files of an item go to the same place.
    TargetCollision,
    /// A page that the CLI skips on some frameworks.
    SkippedPage,
    /// Something is over a limit that is not a file's size.
    TooMany,
    /// A commit, branch or tag could not be read.
    UnreadableRef,
    /// The host answers for the repository from another address.
    RepositoryMoved,
    /// GitHub refuses the token with which the repository should be fetched.
    GithubConnection,
    /// A file of code cannot be parsed.
    SyntaxError,
    /// An import leads to a file that is not there.
    UnresolvedImport,
    /// An import leads to a file that cannot be installed with the item.
    UnpublishedImport,
    /// No `package.json` says which version of an imported package is meant.
    UndeclaredImport,
    /// A dependency's range means nothing outside the repository.
    UnusableRange,
    /// Items import each other in a circle.
    ImportCycle,
    /// A `package.json`, `tsconfig.json` or the like cannot be read.
    BrokenConfig,
    /// An `ekairos.json` says something that it cannot mean.
    Override,
}

impl DiagnosticCode {
    /// The code as text: `missing-file`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoRegistry => "no-registry",
            Self::MalformedJson => "malformed-json",
            Self::NotUtf8 => "not-utf8",
            Self::Schema => "schema",
            Self::UnknownType => "unknown-type",
            Self::InvalidName => "invalid-name",
            Self::ReservedName => "reserved-name",
            Self::DuplicateName => "duplicate-name",
            Self::NameTaken => "name-taken",
            Self::MissingFile => "missing-file",
            Self::UnsafePath => "unsafe-path",
            Self::Symlink => "symlink",
            Self::Submodule => "submodule",
            Self::FileTooLarge => "file-too-large",
            Self::BinaryFile => "binary-file",
            Self::UnsafeDependency => "unsafe-dependency",
            Self::Include => "include",
            Self::BareOwnDependency => "bare-own-dependency",
            Self::UnresolvedDependency => "unresolved-dependency",
            Self::SelfAddress => "self-address",
            Self::UnpinnedPackage => "unpinned-package",
            Self::TargetCollision => "target-collision",
            Self::SkippedPage => "skipped-page",
            Self::TooMany => "too-many",
            Self::UnreadableRef => "unreadable-ref",
            Self::RepositoryMoved => "repository-moved",
            Self::GithubConnection => "github-connection",
            Self::SyntaxError => "syntax-error",
            Self::UnresolvedImport => "unresolved-import",
            Self::UnpublishedImport => "unpublished-import",
            Self::UndeclaredImport => "undeclared-import",
            Self::UnusableRange => "unusable-range",
            Self::ImportCycle => "import-cycle",
            Self::BrokenConfig => "broken-config",
            Self::Override => "override",
        }
    }
}

impl fmt::Display for DiagnosticCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// Its kind.
    pub code: DiagnosticCode,
    /// The file it stands in, relative to the repository's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The position in that file's `items`, from 0.
    #[serde(rename = "itemIndex", alias = "item_index", default, skip_serializing_if = "Option::is_none")]
    pub item_index: Option<usize>,
    /// The item's name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The field within the item: `files.0.target`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Diagnostic {
    /// A finding that quarantines.
    pub fn error(code: DiagnosticCode, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            file: None,
            item_index: None,
            item: None,
            field: None,
            message: message.into(),
            fix: None,
        }
    }

    /// A finding that only tells.
    pub fn warning(code: DiagnosticCode, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// A finding that only advises.
    pub fn note(code: DiagnosticCode, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, message) }
    }

    /// Sets the file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Sets the item's position and name.
    #[must_use]
    pub fn at_item(mut self, index: usize, name: Option<&str>) -> Self {
        self.item_index = Some(index);
        self.item = name.map(str::to_owned);
        self
    }

    /// Sets the field.
    #[must_use]
    pub fn at_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Sets what to do about it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    /// `error[missing-file] registry.json items[3] "card" files.0.path: message`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.severity, self.code)?;
        if let Some(file) = &self.file {
            write!(f, " {file}")?;
        }
        if let Some(index) = self.item_index {
            write!(f, " items[{index}]")?;
        }
        if let Some(item) = &self.item {
            write!(f, " {item:?}")?;
        }
        if let Some(field) = &self.field {
            write!(f, " {field}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(fix) = &self.fix {
            write!(f, "\n  fix: {fix}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_has_the_names_of_other_json_and_older_ones_are_read() {
        let finding = Diagnostic::error(DiagnosticCode::Schema, "bad").at_item(3, None);
        let json = serde_json::to_value(&finding).unwrap();
        assert_eq!(json["itemIndex"], 3);
        let older = serde_json::json!({ "severity": "error", "code": "schema", "item_index": 3, "message": "bad" });
        assert_eq!(serde_json::from_value::<Diagnostic>(older).unwrap(), finding);
    }
}
