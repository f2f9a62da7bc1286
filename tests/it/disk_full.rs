//! A full disk: told as such, nothing lost, and mended by making room.

use crate::support::{is_left_out, item, item_of, sources_on_disk, write_registry};
use git::testing::TestRepository;
use serde_json::Value;
use std::{fmt::Write, process::Command};

/// Syncs a small repository, then one that does not fit, then makes room. It
/// runs in a mount namespace of its own, so that its small disk is seen by
/// nobody else and goes with it.
const SCRIPT: &str = r#"
set -u
mount -t tmpfs -o size=2m tmpfs "$DISK" || exit 77
run() { "$REGISTRY" "$@" --data "$DISK/data"; }
run repo add "$SMALL" >/dev/null && run sync small >/dev/null || exit 1
run repo add "$LARGE" >/dev/null || exit 1
run sync large 2>&1 && exit 2
echo "== after"
run repo list --json
mount -o remount,size=64m tmpfs "$DISK" || exit 77
run sync large >/dev/null || exit 3
echo "== mended"
run repo list --json
"#;

fn components(listing: &str) -> Vec<(String, u64)> {
    let rows: Value = serde_json::from_str(listing).expect("a listing is JSON");
    let row = |row: &Value| Some((row["name"].as_str()?.to_owned(), row["components"].as_u64()?));
    rows.as_array().expect("a list").iter().filter_map(row).collect()
}

#[test]
fn a_full_disk_is_told_loses_nothing_and_the_next_sync_catches_up() {
    if is_left_out("the disk that is full is the one that the embedded store is on") {
        return;
    }
    let disk = sources_on_disk();
    let small = TestRepository::new(&disk.path().join("small"));
    write_registry(&small, &[item("acme-button")]);
    small.commit("Begin");
    let large = TestRepository::new(&disk.path().join("large"));
    let items: Vec<Value> =
        (0..400).map(|nth| item_of(&format!("part-{nth}"), &format!("parts/part-{nth}.tsx"))).collect();
    write_registry(&large, &items);
    for nth in 0..400_u32 {
        let mut text = String::new();
        for word in 0..1_000_u32 {
            let _ = write!(text, "{:08x}", (nth * 1_000 + word).wrapping_mul(2_654_435_761));
        }
        large.write(&format!("parts/part-{nth}.tsx"), &text);
    }
    large.commit("Begin");
    let mount = disk.path().join("disk");
    std::fs::create_dir(&mount).expect("a fresh folder");

    let ran = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT])
        .env("DISK", &mount)
        .env("REGISTRY", env!("CARGO_BIN_EXE_ekairos-registry"))
        .env("SMALL", disk.path().join("small"))
        .env("LARGE", disk.path().join("large"))
        .current_dir(disk.path())
        .output();
    let Ok(ran) = ran else {
        println!("skipped: there is no `unshare` here");
        return;
    };
    let told = String::from_utf8_lossy(&ran.stdout);
    let Some((failure, rest)) = told.split_once("== after") else {
        // No right to mount: containers often refuse it.
        assert_ne!(ran.status.code(), Some(2), "the sync fitted the small disk");
        println!("skipped: cannot mount a small disk here: {}", String::from_utf8_lossy(&ran.stderr));
        return;
    };
    assert!(failure.contains("no space left"), "{failure}");
    let complaints = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{complaints}");
    let (after, mended) = rest.split_once("== mended").expect("the sync succeeds once there is room");
    assert_eq!(components(after), [("large".to_owned(), 0), ("small".to_owned(), 1)]);
    assert_eq!(components(mended), [("large".to_owned(), 400), ("small".to_owned(), 1)]);
}
