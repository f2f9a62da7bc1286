use super::*;
use model::view::{DiffLine, Hunk, LineMark};
use proptest::prelude::*;
use serde_json::{Value, json};

fn manifest(value: &Value) -> Manifest {
    Manifest::from_object(value.as_object().unwrap())
}

fn plain() -> Manifest {
    manifest(&json!({ "name": "a", "type": "registry:ui" }))
}

fn listed<'a>(files: &[(&'a str, &'a str)]) -> Vec<DiffFile<'a>> {
    files.iter().map(|(path, text)| DiffFile { path, digest: Digest::of(text.as_bytes()), text }).collect()
}

fn between(before: &[(&str, &str)], after: &[(&str, &str)], limits: &DiffLimits) -> Difference {
    let (manifest, before, after) = (plain(), listed(before), listed(after));
    let version = |files| DiffVersion { manifest: &manifest, files };
    diff(&version(&before), &version(&after), limits)
}

/// A diff as `diff -u` would print it, without the head.
fn printed(body: &DiffBody) -> String {
    let DiffBody::Hunks { hunks, .. } = body else { panic!("no hunks: {body:?}") };
    let line = |line: &DiffLine| {
        let mark = match line.mark {
            LineMark::Kept => ' ',
            LineMark::Removed => '-',
            LineMark::Added => '+',
        };
        format!("{mark}{}\n", line.text)
    };
    let hunk = |hunk: &Hunk| {
        let Hunk { before, before_lines, after, after_lines, lines } = hunk;
        let lines: String = lines.iter().map(line).collect();
        format!("@@ -{before},{before_lines} +{after},{after_lines} @@\n{lines}")
    };
    hunks.iter().map(hunk).collect()
}

fn text_diff(before: &str, after: &str) -> DiffBody {
    let difference = between(&[("a", before)], &[("a", after)], &DiffLimits::default());
    difference.files.into_iter().next().map_or(DiffBody::Same, |file| file.body)
}

fn numbered(range: std::ops::Range<usize>) -> String {
    range.map(|number| ["line ", &number.to_string(), "\n"].concat()).collect()
}

#[test]
fn equal_versions_do_not_differ() {
    let difference = between(&[("a", "1\n")], &[("a", "1\n")], &DiffLimits::default());
    assert_eq!(difference, Difference { unchanged_files: 1, ..Difference::default() });
}

#[test]
fn a_change_stands_between_three_lines_on_each_side() {
    let (before, after) = (numbered(1..30), numbered(1..30).replace("line 10\n", "ten\n"));
    assert_eq!(
        printed(&text_diff(&before, &after)),
        "@@ -7,7 +7,7 @@\n line 7\n line 8\n line 9\n-line 10\n+ten\n line 11\n line 12\n line 13\n"
    );
}

#[test]
fn files_are_paired_by_path_then_by_content_then_by_likeness() {
    let long = numbered(0..20);
    let changed = long.replace("line 3\n", "three\n");
    let before = [("same", "s\n"), ("changed", "1\n"), ("moved", "m\n"), ("like", long.as_str()), ("gone", "g\n")];
    let after =
        [("same", "s\n"), ("alike", changed.as_str()), ("changed", "2\n"), ("deep/moved", "m\n"), ("new", "n\n")];
    let difference = between(&before, &after, &DiffLimits::default());
    let told: Vec<_> =
        difference.files.iter().map(|file| (file.change.as_str(), file.path.as_str(), file.from.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("renamed", "alike", Some("like")),
            ("changed", "changed", None),
            ("renamed", "deep/moved", Some("moved")),
            ("added", "new", None),
            ("removed", "gone", None),
        ]
    );
    assert_eq!(difference.unchanged_files, 1);
    assert_eq!(difference.files[2].body, DiffBody::Same, "renamed and nothing else");
}

#[test]
fn a_manifest_tells_its_fields_and_its_lines() {
    let before = manifest(&json!({ "name": "a", "title": "A", "docs": "d", "type": "registry:ui" }));
    let after = manifest(&json!({ "name": "a", "title": "B", "type": "registry:ui", "dependencies": ["zod"] }));
    let files = &[];
    let (before, after) = (DiffVersion { manifest: &before, files }, DiffVersion { manifest: &after, files });
    let difference = diff(&before, &after, &DiffLimits::default());
    let fields: Vec<_> =
        difference.manifest.fields.iter().map(|field| (field.field.as_str(), field.change.as_str())).collect();
    assert_eq!(fields, [("title", "changed"), ("dependencies", "added"), ("docs", "removed")]);
    let printed = printed(&difference.manifest.body);
    assert!(printed.contains("-  \"title\": \"A\",\n") && printed.contains("+  \"title\": \"B\",\n"), "{printed}");
}

#[test]
fn the_words_that_make_the_difference_are_emphasised() {
    let DiffBody::Hunks { hunks, .. } = text_diff("const size = 1 // px\n", "const size = 24 // px\n") else {
        panic!("no hunks")
    };
    let emphasised: Vec<Vec<&str>> = hunks[0]
        .lines
        .iter()
        .map(|line| line.emphasis.iter().map(|(from, to)| &line.text[*from..*to]).collect())
        .collect();
    assert_eq!(emphasised, [["1"], ["24"]]);
    let DiffBody::Hunks { hunks, .. } = text_diff("one thing\n", "quite another\n") else { panic!("no hunks") };
    assert!(hunks[0].lines.iter().all(|line| line.emphasis.is_empty()), "nothing in common");
}

#[test]
fn a_missing_line_end_and_a_changed_one_are_differences() {
    let DiffBody::Hunks { hunks, .. } = text_diff("a", "a\n") else { panic!("no hunks") };
    let told: Vec<_> = hunks[0].lines.iter().map(|line| (line.mark, line.unended)).collect();
    assert_eq!(told, [(LineMark::Removed, true), (LineMark::Added, false)]);
    assert_eq!(printed(&text_diff("a\r\nb\n", "a\nb\n")), "@@ -1,2 +1,2 @@\n-a\r\n+a\n b\n");
}

#[test]
fn what_is_too_much_to_tell_is_counted() {
    let limits = DiffLimits { lines_of_file: 10, lines: 15, compared_lines: 50, files: 3, ..DiffLimits::default() };
    let many = numbered(0..40);
    let huge = numbered(0..51);
    let other = numbered(100..140);
    let before = [("a", many.as_str()), ("b", many.as_str()), ("c", huge.as_str()), ("d", "1\n")];
    let after = [("a", other.as_str()), ("b", other.as_str()), ("c", "1\n"), ("d", "2\n")];
    let difference = between(&before, &after, &limits);
    let told = |at: usize| match &difference.files[at].body {
        DiffBody::Hunks { hunks, added, removed, more_lines } => {
            (hunks.iter().map(|hunk| hunk.lines.len()).sum(), *added, *removed, *more_lines)
        }
        body => panic!("{body:?}"),
    };
    assert_eq!(told(0), (10, 40, 40, 70));
    assert_eq!(told(1), (5, 40, 40, 75));
    assert_eq!(difference.files[2].body, DiffBody::TooLarge { lines_before: 51, lines_after: 1 });
    assert_eq!(difference.more_files, 1);
}

#[test]
fn after_the_deadline_texts_are_counted_and_not_compared() {
    let limits = DiffLimits { deadline: Some(Instant::now()), ..DiffLimits::default() };
    while Instant::now() <= limits.deadline.unwrap() {}
    let difference = between(&[("a", "1\n2\n")], &[("a", "1\n")], &limits);
    assert_eq!(difference.files[0].body, DiffBody::TooLarge { lines_before: 2, lines_after: 1 });
}

#[test]
fn long_lines_are_cut_between_characters() {
    let DiffBody::Hunks { hunks, .. } = text_diff("a\n", &format!("{}\n", "é".repeat(600))) else {
        panic!("no hunks")
    };
    let line = &hunks[0].lines[1];
    assert_eq!((line.text.chars().count(), line.cut), (500, 100));
}

/// Puts the hunks of a diff into the text before.
fn patched(before: &str, body: &DiffBody) -> String {
    let DiffBody::Hunks { hunks, .. } = body else { return before.to_owned() };
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let (mut out, mut at) = (String::new(), 0);
    for hunk in hunks {
        if hunk.before > 0 {
            out.extend(old[at..hunk.before - 1].iter().copied());
            at = hunk.before - 1;
        }
        for line in &hunk.lines {
            if line.mark != LineMark::Removed {
                out.push_str(&line.text);
                out.push_str(if line.unended { "" } else { "\n" });
            }
            if line.mark != LineMark::Added {
                at += 1;
            }
        }
    }
    out.extend(old[at..].iter().copied());
    out
}

#[test]
fn an_empty_line_that_gained_something_has_nothing_to_emphasise() {
    let DiffBody::Hunks { hunks, .. } = text_diff("\n", " \n") else { panic!("two lines differ") };
    let emphasis: Vec<_> = hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| line.emphasis.clone()).collect();
    assert_eq!(emphasis, [vec![], vec![(0, 1)]]);
}

proptest! {
    #[test]
    fn the_difference_leads_from_one_text_to_the_other(before in "[abc\n]{0,80}", after in "[abc\n]{0,80}") {
        prop_assert_eq!(patched(&before, &text_diff(&before, &after)), after);
    }

    #[test]
    fn emphasis_stands_between_characters_and_in_order(before in "[aé _(]{0,20}", after in "[aé _(]{0,20}") {
        if let DiffBody::Hunks { hunks, .. } = text_diff(&format!("{before}\n"), &format!("{after}\n")) {
            for line in hunks.iter().flat_map(|hunk| &hunk.lines) {
                let mut end = 0;
                for (from, to) in &line.emphasis {
                    prop_assert!(end <= *from && from < to && line.text.get(*from..*to).is_some());
                    end = *to;
                }
            }
        }
    }
}
