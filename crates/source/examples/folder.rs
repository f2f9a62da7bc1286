//! Reads a folder of components on disk.
//!
//! `folder <folder> [<config path>] [--files] [--install]` prints the items with
//! their types and dependencies, the findings, and how long it took. With
//! `--install` it puts all files where the CLI does in a project of its own
//! layout, and prints the imports that lead nowhere there.

use serde_json::Value;
use source::{
    Dialect, ItemFile, MemoryBlobs, MemoryTree, Module, Registry, Resolution, Resolver, Settings, dev_dependencies,
    discover, npm_dependencies, read_registry, registry_dependencies,
};
use std::{collections::BTreeMap, error::Error, fs, path::Path, time::Instant};

fn load(tree: &mut MemoryTree, root: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let Some(name) = path.strip_prefix(root)?.to_str().map(str::to_owned) else { continue };
        if kind.is_dir() && !matches!(entry.file_name().to_str(), Some("node_modules" | ".git")) {
            load(tree, root, &path)?;
        } else if kind.is_symlink() {
            *tree = std::mem::take(tree).symlink(&name);
        } else if kind.is_file() {
            tree.insert(&name, fs::read(&path)?);
        }
    }
    Ok(())
}

/// Where the CLI writes a file in a project with its own default aliases.
fn place(file: &ItemFile) -> String {
    let aliases =
        [("@ui/", "components/ui/"), ("@components/", "components/"), ("@hooks/", "hooks/"), ("@lib/", "lib/")];
    if let Some(target) = &file.target {
        let place = aliases.iter().find_map(|(alias, folder)| Some(format!("{folder}{}", target.strip_prefix(alias)?)));
        return place.unwrap_or_else(|| target.clone());
    }
    let folder = match file.kind.as_str() {
        "registry:ui" => "components/ui",
        "registry:lib" => "lib",
        "registry:hook" => "hooks",
        _ => "components",
    };
    let last = folder.rsplit('/').next().unwrap_or_default();
    let segments: Vec<&str> = file.path.split('/').collect();
    match segments.iter().position(|segment| *segment == last) {
        Some(at) => format!("{folder}/{}", segments[at + 1..].join("/")),
        None => format!("{folder}/{}", segments[segments.len() - 1]),
    }
}

/// Prints the imports that lead nowhere once everything is installed.
fn install(registry: &Registry, blobs: &MemoryBlobs) -> Result<(), Box<dyn Error>> {
    let mut project = MemoryTree::new();
    let mut placed: BTreeMap<String, String> = BTreeMap::new();
    for file in registry.items.iter().flat_map(|item| &item.files) {
        let at = place(file);
        if let Some(other) =
            placed.insert(at.clone(), file.source_path.clone()).filter(|other| *other != file.source_path)
        {
            println!("COLLISION {at}: {other} and {}", file.source_path);
        }
        project.insert(&at, blobs.content(&file.digest).unwrap_or_default());
    }
    let mut resolver = Resolver::new(&project)?;
    let (mut all, mut lost) = (0, 0);
    for (at, source) in &placed {
        let Some(dialect) = Dialect::of(at) else { continue };
        let text = registry.items.iter().flat_map(|item| &item.files).find(|file| place(file) == *at);
        let text = text.and_then(|file| blobs.content(&file.digest)).unwrap_or_default();
        let module = Module::parse(text, dialect);
        for error in &module.errors {
            println!("BROKEN {at}:{} {}", error.line, error.message);
        }
        for import in &module.imports {
            all += 1;
            if resolver.resolve(at, &import.specifier)? == Resolution::Unresolved {
                lost += 1;
                println!("LOST {at}:{} {:?} (from {source})", import.line, import.specifier);
            }
        }
    }
    println!("installed {} files: {lost} of {all} imports lead nowhere", placed.len());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let (flags, arguments): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let Some(folder) = arguments.first() else {
        return Err("usage: folder <folder> [<config path>] [--files] [--install]".into());
    };
    let with_files = flags.iter().any(|flag| flag == "--files");
    let mut tree = MemoryTree::new();
    load(&mut tree, Path::new(folder), Path::new(folder))?;
    let started = Instant::now();
    let candidates = discover(&tree)?;
    println!("discovered in {:?}:", started.elapsed());
    for candidate in candidates.iter().take(12) {
        println!("  {:?} {:?} about {} items", candidate.kind, candidate.path, candidate.items);
    }

    let settings = Settings { config_path: arguments.get(1).cloned(), ..Settings::default() };
    let mut blobs = MemoryBlobs::default();
    let started = Instant::now();
    let registry = read_registry(&tree, &settings, &mut blobs, &mut |_, _| {})?;
    let first = started.elapsed();
    let reads = tree.reads();
    let started = Instant::now();
    read_registry(&tree, &settings, &mut blobs, &mut |_, _| {})?;
    let (again, reads_again) = (started.elapsed(), tree.reads() - reads);

    let mut types: BTreeMap<String, usize> = BTreeMap::new();
    let mut files = 0;
    for item in &registry.items {
        let manifest = item.manifest.to_object();
        let text = |key: &str| manifest.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        *types.entry(text("type")).or_default() += 1;
        files += item.files.len();
        println!("{} {} ({})", item.name, text("type"), item.definition.file);
        if !text("description").is_empty() {
            println!("    {}", text("description"));
        }
        for (key, list) in [
            ("npm", npm_dependencies(&item.manifest)),
            ("dev", dev_dependencies(&item.manifest)),
            ("needs", registry_dependencies(&item.manifest)),
        ] {
            if !list.is_empty() {
                println!("    {key}: {}", list.join(" "));
            }
        }
        if with_files || item.files.len() > 1 {
            for file in &item.files {
                let target = file.target.as_deref().map_or(String::new(), |target| format!(" -> {target}"));
                println!("    {} {} from {}{target}", file.kind, file.path, file.source_path);
            }
        }
    }
    if flags.iter().any(|flag| flag == "--install") {
        install(&registry, &blobs)?;
    }
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &registry.diagnostics {
        *codes.entry(format!("{:?} {}", finding.severity, finding.code)).or_default() += 1;
        println!("{finding}");
    }
    println!(
        "{:?} {:?} name={:?}: {} items of {files} files {types:?}, {} quarantined, findings {codes:?}",
        registry.kind,
        registry.path,
        registry.name,
        registry.items.len(),
        registry.quarantined.len(),
    );
    println!("read in {first:?} with {reads} reads; again in {again:?} with {reads_again} reads");
    Ok(())
}
