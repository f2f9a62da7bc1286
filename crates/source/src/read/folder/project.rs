//! The files that items are made of, and where their imports lead.

use super::{exclude, kind::is_asset};
use crate::{
    blobs::Blobs,
    files::Files,
    module::{Dialect, Import, ImportKind, Module},
    path,
    resolve::{Range, Resolution, Resolver},
    tree::{Tree, TreeError},
};
use model::MAX_FILE_BYTES;
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// Largest style sheet whose imports are looked for, in bytes.
const MAX_CSS_BYTES: u64 = 1024 * 1024;

/// A file with what it imports.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) module: Module,
    /// One for each of the module's imports.
    pub(super) targets: Vec<Target>,
}

/// Where an import leads, as far as items go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// To a file that can be installed with an item.
    File(String),
    /// To a file that cannot.
    Kept(String, Why),
    Package {
        name: String,
        range: Range,
    },
    Builtin,
    Unresolved,
}

/// Why a file is not installed with an item that imports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It is not text, or none that belongs to code.
    Binary,
    /// It is a test, a configuration or the like.
    Private,
    /// It is a part of the app's pages.
    Page,
    /// It brings too many others along.
    Program,
}

/// All files that were looked at.
pub(super) struct Project<'t, 'b> {
    pub(super) tree: &'t dyn Tree,
    pub(super) files: Rc<Files>,
    pub(super) resolver: Resolver<'t>,
    pub(super) blobs: &'b mut dyn Blobs,
    sources: HashMap<String, Rc<Source>>,
    /// Folders of apps' pages, whose files belong to the app alone.
    pub(super) pages: Vec<String>,
    /// Files that are items' own and therefore no app's alone.
    pub(super) own: HashSet<String>,
    kept: HashMap<String, Why>,
}

impl<'t, 'b> Project<'t, 'b> {
    pub(super) fn new(tree: &'t dyn Tree, files: Rc<Files>, resolver: Resolver<'t>, blobs: &'b mut dyn Blobs) -> Self {
        Self {
            tree,
            files,
            resolver,
            blobs,
            sources: HashMap::new(),
            pages: Vec::new(),
            own: HashSet::new(),
            kept: HashMap::new(),
        }
    }

    /// The file with what it imports, read and parsed once.
    pub(super) fn source(&mut self, path: &str) -> Result<Rc<Source>, TreeError> {
        if let Some(source) = self.sources.get(path) {
            return Ok(Rc::clone(source));
        }
        let module = self.module(path)?;
        let mut targets = Vec::with_capacity(module.imports.len());
        for import in &module.imports {
            targets.push(self.target(path, &import.specifier)?);
        }
        let source = Rc::new(Source { module, targets });
        self.sources.insert(path.to_owned(), Rc::clone(&source));
        Ok(source)
    }

    fn module(&mut self, path: &str) -> Result<Module, TreeError> {
        let Some(id) = self.files.id(path) else {
            return Ok(Module::default());
        };
        let Some(dialect) = Dialect::of(path) else {
            return self.style_sheet(path, id);
        };
        if let Some(module) = self.blobs.parsed(id, dialect) {
            return Ok(module);
        }
        let module = match self.tree.size(id) {
            // What is wrong with it is told when its content is read.
            Ok(size) if size > MAX_FILE_BYTES => return Ok(Module::default()),
            Ok(_) => match self.tree.read(id) {
                Ok(bytes) => Module::parse(&bytes, dialect),
                Err(TreeError::MissingObject(_)) => return Ok(Module::default()),
                Err(error) => return Err(error),
            },
            Err(TreeError::MissingObject(_)) => return Ok(Module::default()),
            Err(error) => return Err(error),
        };
        self.blobs.store_parsed(id, dialect, &module);
        Ok(module)
    }

    /// A style sheet imports others by `@import`.
    fn style_sheet(&mut self, path: &str, id: model::ObjectId) -> Result<Module, TreeError> {
        let mut module = Module::default();
        let extension = path::basename(path).rsplit_once('.').map_or("", |(_, extension)| extension);
        if !matches!(extension, "css" | "scss" | "less" | "pcss")
            || !self.tree.size(id).is_ok_and(|size| size <= MAX_CSS_BYTES)
        {
            return Ok(module);
        }
        let bytes = match self.tree.read(id) {
            Ok(bytes) => bytes,
            Err(TreeError::MissingObject(_)) => return Ok(module),
            Err(error) => return Err(error),
        };
        let text = String::from_utf8_lossy(&bytes);
        for (line, content) in (1..).zip(text.lines()) {
            let Some(rest) = content.trim_start().strip_prefix("@import") else { continue };
            let rest = rest.trim_start().trim_start_matches("url(").trim_start();
            let specifier = rest.strip_prefix(['"', '\'']).and_then(|rest| rest.split(['"', '\'']).next());
            if let Some(specifier) = specifier.filter(|specifier| specifier.starts_with('.')) {
                module.imports.push(Import {
                    specifier: specifier.to_owned(),
                    kind: ImportKind::Static,
                    is_type: false,
                    line,
                    start: 0,
                    end: 0,
                    names: Vec::new(),
                    statement: None,
                });
            }
        }
        Ok(module)
    }

    fn target(&mut self, from: &str, specifier: &str) -> Result<Target, TreeError> {
        Ok(match self.resolver.resolve(from, specifier)? {
            Resolution::File(file) => match self.why_kept(&file) {
                Some(why) => Target::Kept(file, why),
                None => Target::File(file),
            },
            Resolution::Package { name, range } => Target::Package { name, range },
            Resolution::Builtin => Target::Builtin,
            Resolution::Unresolved => Target::Unresolved,
        })
    }

    /// Why a file cannot be installed with an item that imports it.
    fn why_kept(&self, file: &str) -> Option<Why> {
        if let Some(why) = self.kept.get(file) {
            Some(*why)
        } else if Dialect::of(file).is_none() && !is_asset(file) {
            Some(Why::Binary)
        } else if self.own.contains(file) {
            None
        } else if exclude::is_never_published(file) {
            Some(Why::Private)
        } else {
            let is_page = self.pages.iter().any(|pages| super::layout::is_below(file, pages));
            is_page.then_some(Why::Page)
        }
    }

    /// Keeps a file from items from now on.
    pub(super) fn keep(&mut self, file: &str, why: Why) {
        self.kept.insert(file.to_owned(), why);
        for source in self.sources.values_mut().filter(|source| source.targets.contains(&Target::File(file.to_owned())))
        {
            let mut targets = source.targets.clone();
            for target in targets.iter_mut().filter(|target| **target == Target::File(file.to_owned())) {
                *target = Target::Kept(file.to_owned(), why);
            }
            *source = Rc::new(Source { module: source.module.clone(), targets });
        }
    }
}
