//! What files of code say, kept by object id: a text is parsed once.

use model::ObjectId;
use source::{Dialect, Module};
use std::{cell::OnceCell, collections::HashMap, fs, io, path::PathBuf};

/// Most files that are remembered: what grows beyond is begun anew.
const MAX_KEPT: usize = 50_000;

type Key = ([u8; 20], Dialect);

/// The parsed files of a repository; read from disk when first asked for.
#[derive(Debug, Default)]
pub(super) struct Modules {
    path: PathBuf,
    kept: OnceCell<HashMap<Key, Module>>,
    fresh: HashMap<Key, Module>,
}

impl Modules {
    /// What this file keeps; nothing, if it cannot be read or is of another format.
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path, ..Self::default() }
    }

    fn kept(&self) -> &HashMap<Key, Module> {
        self.kept.get_or_init(|| {
            let stored = fs::read(&self.path).ok();
            let stored: Option<(u32, HashMap<Key, Module>)> =
                stored.and_then(|bytes| postcard::from_bytes(&bytes).ok());
            stored.filter(|(format, _)| *format == Module::FORMAT).map(|(_, kept)| kept).unwrap_or_default()
        })
    }

    pub(super) fn get(&self, id: ObjectId, dialect: Dialect) -> Option<Module> {
        let key = (*id.as_bytes(), dialect);
        self.fresh.get(&key).or_else(|| self.kept().get(&key)).cloned()
    }

    pub(super) fn put(&mut self, id: ObjectId, dialect: Dialect, module: &Module) {
        self.fresh.insert((*id.as_bytes(), dialect), module.clone());
    }

    /// Keeps what is new. What was not loaded for a repository has no place to
    /// be kept in.
    pub(super) fn save(&self) -> io::Result<()> {
        if self.fresh.is_empty() || self.path.as_os_str().is_empty() {
            return Ok(());
        }
        let mut all: HashMap<&Key, &Module> = self.fresh.iter().collect();
        if self.kept().len() + all.len() <= MAX_KEPT {
            all.extend(self.kept());
        }
        let bytes = postcard::to_stdvec(&(Module::FORMAT, all)).map_err(io::Error::other)?;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let temporary = self.path.with_extension("modules.new");
        fs::write(&temporary, bytes)?;
        fs::rename(temporary, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_is_the_same_when_it_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.modules");
        let texts = [
            "/** A button.\n * @title Button */\n\"use client\"\nimport { a as b } from \"x\"\nimport \"y\"\nexport default function Button() { return <b/> }\n",
            "export * from \"./a\"\nexport { z as w } from \"./z\"\n",
            "export const = 1\n",
            "",
        ];
        let mut modules = Modules::at(path.clone());
        let ids: Vec<ObjectId> = (0..4).map(|nth| ObjectId::from_bytes([nth; 20])).collect();
        for (id, text) in ids.iter().zip(texts) {
            modules.put(*id, Dialect::Tsx, &Module::parse(text.as_bytes(), Dialect::Tsx));
        }
        modules.save().unwrap();
        let modules = Modules::at(path);
        for (id, text) in ids.iter().zip(texts) {
            assert_eq!(modules.get(*id, Dialect::Tsx), Some(Module::parse(text.as_bytes(), Dialect::Tsx)), "{text}");
            assert_eq!(modules.get(*id, Dialect::Js), None);
        }
    }
}
