//! Reads a folder of components on disk.
//!
//! `folder <folder> [<config path>] [--files]` prints the items with their
//! types and dependencies, the findings, and how long it took.

use serde_json::Value;
use source::{
    MemoryBlobs, MemoryTree, Settings, dev_dependencies, discover, npm_dependencies, read_registry,
    registry_dependencies,
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

fn main() -> Result<(), Box<dyn Error>> {
    let (flags, arguments): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let Some(folder) = arguments.first() else {
        return Err("usage: folder <folder> [<config path>] [--files]".into());
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
