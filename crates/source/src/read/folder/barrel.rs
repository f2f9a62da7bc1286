//! Imports through a file that only passes on what others export.
//!
//! To follow such a file is to need everything that it passes on: whoever
//! imports one hook from `hooks/index.ts` would get all hooks. So an import by
//! name is led to the file that the name comes from.

use super::project::{Project, Target};
use crate::{
    module::{ImportKind, ImportedName},
    tree::TreeError,
};

/// How many files may pass a name on.
const MAX_DEPTH: usize = 16;

/// How many files are looked into for one name.
const MAX_LOOKED_INTO: usize = 500;

/// Where one of an import's names comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) file: String,
    /// The name that the file exports it under.
    pub(super) name: String,
}

/// Where each of the names comes from; `None` unless that is known of all.
pub(super) fn origins(
    project: &mut Project<'_, '_>,
    barrel: &str,
    names: &[ImportedName],
) -> Result<Option<Vec<Origin>>, TreeError> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let mut budget = MAX_LOOKED_INTO;
        match origin(project, barrel, &name.imported, 0, &mut budget)? {
            Some(origin) => found.push(origin),
            None => return Ok(None),
        }
    }
    Ok((!found.is_empty()).then_some(found))
}

fn origin(
    project: &mut Project<'_, '_>,
    file: &str,
    name: &str,
    depth: usize,
    budget: &mut usize,
) -> Result<Option<Origin>, TreeError> {
    if name == "*" || depth > MAX_DEPTH || *budget == 0 {
        return Ok(None);
    }
    *budget -= 1;
    let source = project.source(file)?;
    if !source.module.is_barrel {
        let has = source.module.exports.iter().any(|export| export.name == name);
        return Ok(has.then(|| Origin { file: file.to_owned(), name: name.to_owned() }));
    }
    // `export { name } from`, or `import { local } from` and `export { local as name }`.
    let local = source.module.exports.iter().find(|export| export.name == name);
    let local = local.map(|export| export.local.as_deref().unwrap_or(name));
    for (import, target) in source.module.imports.iter().zip(&source.targets) {
        let Target::File(target) = target else { continue };
        let passed = import.names.iter().find(|passed| match import.kind {
            ImportKind::ReExport => passed.local == name,
            _ => Some(passed.local.as_str()) == local,
        });
        if let Some(passed) = passed {
            return origin(project, target, &passed.imported, depth + 1, budget);
        }
    }
    for (import, target) in source.module.imports.iter().zip(&source.targets) {
        let passes_all = import.kind == ImportKind::ReExport && import.names.iter().any(|name| name.local == "*");
        if let Target::File(target) = target
            && passes_all
            && name != "default"
            && let Some(origin) = origin(project, target, name, depth + 1, budget)?
        {
            return Ok(Some(origin));
        }
    }
    Ok(None)
}

/// The statement that imports the same names each from where it comes from.
/// `specifiers` has one for each of them.
pub(super) fn statement(
    kind: ImportKind,
    is_type: bool,
    names: &[ImportedName],
    origins: &[Origin],
    specifiers: &[String],
) -> String {
    let mut written: Vec<(&str, Vec<String>)> = Vec::new();
    for ((name, origin), specifier) in names.iter().zip(origins).zip(specifiers) {
        let marker = if name.is_type { "type " } else { "" };
        let renamed = if origin.name == name.local { String::new() } else { format!(" as {}", name.local) };
        let one = format!("{marker}{}{renamed}", origin.name);
        match written.iter_mut().find(|(known, _)| known == specifier) {
            Some((_, names)) => names.push(one),
            None => written.push((specifier, vec![one])),
        }
    }
    let keyword = if kind == ImportKind::ReExport { "export" } else { "import" };
    // Names of which each is marked by itself stay marked by themselves.
    let marker = if is_type && !names.iter().all(|name| name.is_type) { " type" } else { "" };
    let lines = written
        .iter()
        .map(|(specifier, names)| format!("{keyword}{marker} {{ {} }} from \"{specifier}\"", names.join(", ")));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_split_by_where_its_names_come_from() {
        let name = |imported: &str, local: &str, is_type| ImportedName {
            imported: imported.to_owned(),
            local: local.to_owned(),
            is_type,
        };
        let origin = |name: &str| Origin { file: String::new(), name: name.to_owned() };
        let names = [name("A", "A", false), name("B", "Bee", false), name("C", "C", true), name("D", "D", false)];
        let origins = [origin("A"), origin("B"), origin("C"), origin("default")];
        let specifiers = ["./a", "./b", "./a", "./d"].map(str::to_owned);
        assert_eq!(
            statement(ImportKind::Static, false, &names, &origins, &specifiers),
            "import { A, type C } from \"./a\"\nimport { B as Bee } from \"./b\"\nimport { default as D } from \"./d\""
        );
        assert_eq!(
            statement(ImportKind::ReExport, true, &names[..1], &origins[..1], &specifiers[..1]),
            "export type { A } from \"./a\""
        );
    }
}
