//! Writing items as `shadcn build` writes them.

use crate::{
    json::{Layout, Writer},
    schema::{FILE_KEYS, ITEM_KEYS},
};
use model::Manifest;
use serde_json::{Map, Value};

/// What `shadcn build` puts into every item (`specs/shadcn-protocol.md` 4.2).
const ITEM_SCHEMA: &str = "https://ui.shadcn.com/schema/registry-item.json";

/// A registry dependency as it is to be served.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Dependency {
    /// The author's text.
    AsWritten(String),
    /// An item of ours, by its org-wide name: served as `<alias>/<name>`, the
    /// alias left open.
    Own(String),
}

/// JSON with places for the alias.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// The JSON. Complete once the alias stands at every splice; already
    /// complete when there is none.
    pub json: String,
    /// Offsets in bytes into `json`, rising, at which the alias goes: `@acme`,
    /// without quotes and free of characters that JSON escapes.
    pub splices: Vec<usize>,
}

impl Rendered {
    /// The JSON with the alias in place.
    pub fn with_alias(&self, alias: &str) -> String {
        let mut json = String::with_capacity(self.json.len() + self.splices.len() * alias.len());
        let mut copied = 0;
        for &splice in &self.splices {
            json.push_str(&self.json[copied..splice]);
            json.push_str(alias);
            copied = splice;
        }
        json.push_str(&self.json[copied..]);
        json
    }
}

/// The item that the CLI installs: what `shadcn build` writes for it, byte for
/// byte, when all dependencies are as written.
///
/// `contents` are the files' texts in the manifest's order; `registry_dependencies`
/// replace the manifest's one for one; `name_override` is the name with its
/// namespace.
pub fn render(
    manifest: &Manifest,
    contents: &[&str],
    registry_dependencies: &[Dependency],
    name_override: Option<&str>,
) -> Rendered {
    let size = contents.iter().map(|content| content.len() + content.len() / 8 + 128).sum::<usize>();
    let mut renderer = Renderer::new(Layout::Indented, manifest.as_str().len() * 2 + size + 128);
    renderer.writer.open('{');
    renderer.writer.key("$schema");
    renderer.writer.string(ITEM_SCHEMA);
    renderer.members(&manifest.to_object(), contents, registry_dependencies, name_override);
    renderer.finish()
}

/// The item as an entry of a catalogue: schema-valid, without white space,
/// without file contents and without `$schema`.
pub fn render_catalog_entry(
    manifest: &Manifest,
    registry_dependencies: &[Dependency],
    name_override: Option<&str>,
) -> Rendered {
    let mut renderer = Renderer::new(Layout::Compact, manifest.as_str().len() + 64);
    renderer.writer.open('{');
    renderer.members(&manifest.to_object(), &[], registry_dependencies, name_override);
    renderer.finish()
}

struct Renderer {
    writer: Writer,
    splices: Vec<usize>,
}

impl Renderer {
    fn new(layout: Layout, capacity: usize) -> Self {
        Self { writer: Writer::new(layout, capacity), splices: Vec::new() }
    }

    fn finish(mut self) -> Rendered {
        self.writer.close('}');
        Rendered { json: self.writer.finish(), splices: self.splices }
    }

    fn members(
        &mut self,
        item: &Map<String, Value>,
        contents: &[&str],
        dependencies: &[Dependency],
        name: Option<&str>,
    ) {
        for &key in ITEM_KEYS {
            match (key, item.get(key), name) {
                ("name", Some(_), Some(name)) => {
                    self.writer.key(key);
                    self.writer.string(name);
                }
                ("registryDependencies", written, _) if written.is_some() || !dependencies.is_empty() => {
                    self.writer.key(key);
                    self.dependencies(dependencies);
                }
                ("files", Some(Value::Array(files)), _) => {
                    self.writer.key(key);
                    self.files(files, contents);
                }
                (_, Some(value), _) => {
                    self.writer.key(key);
                    self.writer.value(value);
                }
                (_, None, _) => {}
            }
        }
    }

    fn dependencies(&mut self, dependencies: &[Dependency]) {
        self.writer.open('[');
        for dependency in dependencies {
            self.writer.member();
            match dependency {
                Dependency::AsWritten(text) => self.writer.string(text),
                Dependency::Own(name) => {
                    self.writer.raw("\"");
                    self.splices.push(self.writer.position());
                    self.writer.raw("/");
                    self.writer.escaped(name);
                    self.writer.raw("\"");
                }
            }
        }
        self.writer.close(']');
    }

    fn files(&mut self, files: &[Value], contents: &[&str]) {
        self.writer.open('[');
        for (position, file) in files.iter().enumerate() {
            self.writer.member();
            self.writer.open('{');
            for &key in FILE_KEYS {
                if let ("content", Some(content)) = (key, contents.get(position)) {
                    self.writer.key(key);
                    self.writer.string(content);
                } else if let Some(value) = file.get(key) {
                    self.writer.key(key);
                    self.writer.value(value);
                }
            }
            self.writer.close('}');
        }
        self.writer.close(']');
    }
}
