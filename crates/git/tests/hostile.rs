#![expect(clippy::disallowed_types, reason = "a test starts itself again with another home folder")]
use crate::Host;
use flate2::{Compression, write::ZlibEncoder};
use git::{
    GitError, Limit, Limits, Refs,
    testing::{Reply, Request},
};
use std::{io::Write as _, time::Duration};
use tokio_util::sync::CancellationToken;

const RESULT: &str = "application/x-git-upload-pack-result";
const ADVERTISEMENT: &str = "application/x-git-upload-pack-advertisement";

/// Whether this asks for objects; a version 2 POST asks for refs.
fn asks_for_objects(request: &Request) -> bool {
    request.method == "POST" && !request.headers.contains_key("git-protocol")
}

fn packet(data: &[u8]) -> Vec<u8> {
    [format!("{:04x}", data.len() + 4).as_bytes(), data].concat()
}

/// A pack in side band 1, as git sends it.
fn answer(pack: &[u8]) -> Vec<u8> {
    let mut answer = packet(b"NAK\n");
    for piece in pack.chunks(60_000) {
        answer.extend(packet(&[&[1], piece].concat()));
    }
    answer.extend(b"0000");
    answer
}

fn pack_of(count: u32, objects: &[u8]) -> Vec<u8> {
    [b"PACK\0\0\0\x02".as_slice(), &count.to_be_bytes(), objects].concat()
}

/// An object's type and size.
fn head(kind: u8, mut size: u64) -> Vec<u8> {
    let mut bytes = vec![(kind << 4) | u8::try_from(size & 15).unwrap()];
    size >>= 4;
    while size > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push(u8::try_from(size & 127).unwrap());
        size >>= 7;
    }
    bytes
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push(u8::try_from(value & 127).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

/// What comes of a fetch whose objects are this pack.
fn fetch_of(pack: &[u8]) -> GitError {
    let host = Host::with_commit();
    let body = answer(pack);
    host.server.answer_with(move |request| asks_for_objects(request).then(|| Reply::Body(RESULT, body.clone())));
    let mut mirror = host.mirror();
    let error = host.refresh(&mut mirror).unwrap_err();
    assert!(mirror.refs().unwrap().branches.is_empty(), "a refused pack changes nothing");
    let left = std::fs::read_dir(host.folder.path().join("mirrors/ui/mirror.git/objects/pack")).unwrap();
    assert_eq!(left.count(), 0, "a refused pack leaves nothing");
    error
}

fn exceeds(error: &GitError, wanted: Limit) -> bool {
    matches!(error, GitError::LimitExceeded { limit, .. } if *limit == wanted)
}

#[test]
fn a_pack_of_too_many_objects_is_refused_by_its_header() {
    let error = fetch_of(&pack_of(u32::MAX, b""));
    assert!(exceeds(&error, Limit::Objects), "{error}");
}

#[test]
fn an_object_that_declares_gigabytes_is_refused_unread() {
    let error = fetch_of(&pack_of(1, &head(3, 4 << 30)));
    assert!(exceeds(&error, Limit::ObjectBytes), "{error}");
}

#[test]
fn an_object_that_is_larger_than_it_declares_is_refused() {
    let object = [head(3, 10), deflated(&vec![0; 1 << 20])].concat();
    let error = fetch_of(&pack_of(1, &object));
    assert!(error.to_string().contains("larger than it says"), "{error}");
}

#[test]
fn a_delta_bomb_is_refused_by_its_result() {
    let delta = [varint(10), varint(1 << 30), vec![0x90, 10]].concat();
    let base = [head(3, 10), deflated(&[0; 10])].concat();
    let back = u8::try_from(base.len()).unwrap();
    let bomb = [head(6, delta.len() as u64), vec![back], deflated(&delta)].concat();
    let error = fetch_of(&pack_of(2, &[base, bomb].concat()));
    assert!(exceeds(&error, Limit::ObjectBytes), "{error}");
}

#[test]
fn many_deltas_are_refused_by_their_results_together() {
    // 600 results of 120 MiB, each allowed alone.
    let delta = [varint(10), varint(120 << 20), vec![0x90, 10]].concat();
    let one = [head(7, delta.len() as u64), vec![7; 20], deflated(&delta)].concat();
    let error = fetch_of(&pack_of(600, &one.repeat(600)));
    assert!(exceeds(&error, Limit::InflatedBytes), "{error}");
}

#[test]
fn what_is_no_pack_is_refused() {
    for pack in [
        b"PACK\0\0\0\x09\0\0\0\x01".to_vec(),
        pack_of(1, &[0x50, 1, 2]),
        pack_of(1, &[head(3, 5), b"not zlib".to_vec()].concat()),
    ] {
        let error = fetch_of(&pack);
        assert!(matches!(error, GitError::Protocol { .. }), "{error}");
    }
}

#[test]
fn each_limit_admits_what_is_just_below_it() {
    let host = Host::with_commit();
    let try_with = |number: usize, change: &dyn Fn(&mut Limits)| -> Result<Refs, GitError> {
        host.refresh_with(&mut host.mirror_at(number), |fetch| {
            change(&mut fetch.limits);
        })
    };
    try_with(0, &|limits| limits.max_objects = 3).unwrap();
    assert!(exceeds(&try_with(1, &|limits| limits.max_objects = 2).unwrap_err(), Limit::Objects));
    try_with(2, &|limits| limits.max_object_bytes = 1_000).unwrap();
    assert!(exceeds(&try_with(3, &|limits| limits.max_object_bytes = 100).unwrap_err(), Limit::ObjectBytes));
    assert!(exceeds(&try_with(4, &|limits| limits.max_inflated_bytes = 100).unwrap_err(), Limit::InflatedBytes));
    assert!(exceeds(&try_with(5, &|limits| limits.max_pack_bytes = 100).unwrap_err(), Limit::PackBytes));
    assert!(exceeds(&try_with(6, &|limits| limits.max_refs_bytes = 50).unwrap_err(), Limit::RefsBytes));
}

#[test]
fn an_answer_without_an_end_is_cut_off() {
    let host = Host::with_commit();
    let message = packet(&[b"\x02".as_slice(), &[b'x'; 900]].concat());
    host.server.answer_with(move |request| {
        asks_for_objects(request).then(|| Reply::Endless(RESULT, packet(b"NAK\n"), message.clone()))
    });
    let error = host
        .refresh_with(&mut host.mirror(), |fetch| {
            fetch.limits.max_pack_bytes = 1 << 20;
        })
        .unwrap_err();
    assert!(exceeds(&error, Limit::PackBytes), "{error}");

    let reference = packet(format!("{} refs/heads/x\n", "1".repeat(40)).as_bytes());
    let start = [packet(b"# service=git-upload-pack\n"), b"0000".to_vec()].concat();
    host.server.answer_with(move |_| Some(Reply::Endless(ADVERTISEMENT, start.clone(), reference.clone())));
    let error = host.refresh(&mut host.mirror()).unwrap_err();
    assert!(exceeds(&error, Limit::RefsBytes), "{error}");
}

#[test]
fn a_pack_that_breaks_off_changes_nothing() {
    let host = Host::with_commit();
    let mut mirror = host.mirror();
    let before = host.refresh(&mut mirror).unwrap();
    host.ui.write("b.txt", "x".repeat(9_000)).commit("More");
    for bytes in [0, 10, 60, 150] {
        host.server.answer_with(move |request| asks_for_objects(request).then_some(Reply::Truncated(bytes)));
        host.refresh(&mut mirror).unwrap_err();
        assert_eq!(mirror.refs().unwrap().branches, before.branches);
    }
    host.server.answer_honestly();
    assert!(host.refresh(&mut mirror).unwrap().fetched);
}

#[test]
fn the_hosts_own_words_reach_the_reader_without_control_characters() {
    let host = Host::with_commit();
    host.server.answer_with(|request| {
        let words = packet(b"\x03access\0 denied\x1b[2J by policy\n");
        asks_for_objects(request).then(|| Reply::Body(RESULT, [packet(b"NAK\n"), words].concat()))
    });
    let error = host.refresh(&mut host.mirror()).unwrap_err();
    assert!(error.to_string().ends_with("says: access denied[2J by policy"), "{error}");
    host.server.answer_with(|_| Some(Reply::Body(ADVERTISEMENT, packet(b"ERR not today\0\n"))));
    let error = host.refresh(&mut host.mirror()).unwrap_err();
    assert!(matches!(&error, GitError::Remote { message, .. } if message == "not today"), "{error}");
}

#[test]
fn a_silent_host_is_left_when_cancelled_or_late() {
    let host = Host::with_commit();
    for at_objects in [false, true] {
        let cancel = CancellationToken::new();
        let token = cancel.clone();
        host.server.answer_with(move |request| {
            (asks_for_objects(request) || !at_objects).then(|| {
                token.cancel();
                Reply::Silent
            })
        });
        let error = host.refresh_with(&mut host.mirror(), |fetch| fetch.cancel = cancel).unwrap_err();
        assert!(matches!(error, GitError::Cancelled { .. }), "{error}");
        host.server.answer_with(move |request| (asks_for_objects(request) || !at_objects).then_some(Reply::Silent));
        let error = host
            .refresh_with(&mut host.mirror(), |fetch| {
                fetch.limits.idle = Duration::from_millis(300);
            })
            .unwrap_err();
        assert!(matches!(error, GitError::Timeout { what: "the host was silent", .. }), "{error}");
    }
    let error = host
        .refresh_with(&mut host.mirror(), |fetch| {
            fetch.limits.deadline = Duration::ZERO;
        })
        .unwrap_err();
    assert!(matches!(error, GitError::Timeout { what: "the whole fetch", .. }), "{error}");
}

#[test]
fn a_listing_that_is_not_git_is_refused() {
    let host = Host::with_commit();
    for body in ["zzzz", "0010short", "001e# service=git-upload-pack\n0000+00fabc", "0008oid\n"] {
        host.server.answer_with(move |_| Some(Reply::Body(ADVERTISEMENT, body.into())));
        let error = host.refresh(&mut host.mirror());
        assert!(matches!(error, Err(GitError::Protocol { .. } | GitError::Empty { .. })), "{body}: {error:?}");
    }
}

#[test]
fn refs_that_git_would_refuse_are_skipped_and_named() {
    let host = Host::with_commit();
    let head = host.ui.head();
    let refs: String = ["refs/heads/../../x", "refs/heads/-x", "refs/heads/a.lock", "refs/heads/ok"]
        .map(|name| String::from_utf8(packet(format!("{head} {name}\n").as_bytes())).unwrap())
        .concat();
    let first = packet(
        format!("{head} HEAD\0symref=HEAD:refs/heads/ok side-band-64k ofs-delta object-format=sha1 agent=test\n")
            .as_bytes(),
    );
    let body =
        [packet(b"# service=git-upload-pack\n"), b"0000".to_vec(), first, refs.into_bytes(), b"0000".to_vec()].concat();
    host.server.answer_with(move |request| (request.method == "GET").then(|| Reply::Body(ADVERTISEMENT, body.clone())));
    let mut mirror = host.mirror();
    let refs = host.refresh(&mut mirror).unwrap();
    assert_eq!((refs.branches.len(), refs.skipped.len()), (1, 3));
    assert!(!host.refresh(&mut mirror).unwrap().fetched, "what is skipped is not fetched again and again");
}

#[test]
fn the_configuration_of_whoever_runs_it_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let rewrite = "[url \"/nowhere/\"]\n\tinsteadOf = http://127.0.0.1\n[http]\n\tproxy = http://127.0.0.1:1\n";
    std::fs::write(home.path().join(".gitconfig"), rewrite).unwrap();
    std::fs::create_dir(home.path().join("git")).unwrap();
    std::fs::write(home.path().join("git/config"), rewrite).unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "mirror::a_first_fetch_brings_branches_tags_and_their_objects"])
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("http_proxy", "http://127.0.0.1:1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
