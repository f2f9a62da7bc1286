//! Compares this crate with `shadcn build` over a folder on disk.
//!
//! `parity <folder> <config path or ""> <output folder of shadcn build>` prints
//! how many items are byte-equal, equal as JSON, different, and quarantined.

use serde_json::Value;
use source::{Dependency, Item, MemoryBlobs, MemoryTree, Settings, read_registry, registry_dependencies, render};
use std::{error::Error, fs, path::Path, time::Instant};

fn load(tree: &mut MemoryTree, root: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let Some(name) = path.strip_prefix(root)?.to_str().map(str::to_owned) else {
            continue;
        };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            load(tree, root, &path)?;
        } else if kind.is_symlink() {
            *tree = std::mem::take(tree).symlink(&name);
        } else {
            tree.insert(&name, fs::read(&path)?);
        }
    }
    Ok(())
}

fn rendered(item: &Item, blobs: &MemoryBlobs) -> String {
    let contents: Vec<&str> = item.files.iter().filter_map(|file| blobs.text(&file.digest)).collect();
    let dependencies: Vec<_> = registry_dependencies(&item.manifest).into_iter().map(Dependency::AsWritten).collect();
    render(&item.manifest, &contents, &dependencies, None).json
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, config_path, output] = arguments.as_slice() else {
        return Err("usage: parity <folder> <config path> <output folder of shadcn build>".into());
    };
    let mut tree = MemoryTree::new();
    load(&mut tree, Path::new(folder), Path::new(folder))?;
    for candidate in source::discover(&tree)?.into_iter().take(4) {
        println!(
            "found {:?} {:?} items={} complete={}",
            candidate.kind, candidate.path, candidate.items, candidate.is_complete
        );
    }
    let settings = Settings { config_path: Some(config_path.clone()), ..Settings::default() };
    let mut blobs = MemoryBlobs::default();
    let started = Instant::now();
    let registry = read_registry(&tree, &settings, &mut blobs, &mut |_, _| {})?;
    let read = started.elapsed();
    let texts: Vec<String> = registry.items.iter().map(|item| rendered(item, &blobs)).collect();
    let all = started.elapsed();
    let reads = tree.reads();
    read_registry(&tree, &settings, &mut blobs, &mut |_, _| {})?;
    let again = started.elapsed().saturating_sub(all);
    println!("second read, all known: {again:?}, {} files read", tree.reads() - reads);

    let (mut bytes, mut json, mut different, mut absent) = (0, 0, 0, 0);
    for (item, text) in registry.items.iter().zip(&texts) {
        match fs::read_to_string(Path::new(output).join(format!("{}.json", item.name))) {
            Ok(theirs) if theirs == *text => bytes += 1,
            Ok(theirs) if serde_json::from_str::<Value>(&theirs)? == serde_json::from_str::<Value>(text)? => {
                json += 1;
            }
            Ok(_) => {
                different += 1;
                println!("different: {}", item.name);
            }
            Err(_) => absent += 1,
        }
    }
    println!(
        "{:?} {} items={} byte-equal={bytes} json-equal={json} different={different} not-built={absent} quarantined={} unreadable={}; read {read:?}, with rendering {all:?}, {} bytes",
        registry.kind,
        registry.path,
        registry.items.len() + registry.quarantined.len(),
        registry.quarantined.len(),
        registry.unreadable.len(),
        texts.iter().map(String::len).sum::<usize>(),
    );
    for diagnostic in registry.diagnostics.iter().take(40) {
        println!("{diagnostic}");
    }
    Ok(())
}
