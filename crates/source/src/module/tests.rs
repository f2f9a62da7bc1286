use super::{
    Dialect::{Dts, Js, Ts, Tsx},
    ImportKind::{Dynamic, ReExport, Require, Static},
    *,
};
use proptest::prelude::*;

fn parse(text: &str) -> Module {
    Module::parse(text.as_bytes(), Dialect::Tsx)
}

fn valid(text: &str) -> Module {
    let module = parse(text);
    assert_eq!(module.errors, [], "{text}");
    module
}

fn imports(module: &Module) -> Vec<(&str, ImportKind, bool)> {
    module.imports.iter().map(|import| (import.specifier.as_str(), import.kind, import.is_type)).collect()
}

#[test]
fn every_way_to_import_is_read_in_the_order_of_the_text() {
    let module = valid(
        r#"import "./a.css"
import React, { useState } from "react"
import type { Props } from './props'
import { type A, type B } from "./types"
import { type C, d } from "./mixed"
export * from "./star"
export { x } from "./named"
export type { T } from "./typed"
const lazy = () => import("./lazy")
const also = import(`./template`)
const old = require("./old")
type Far = import("./far").Far
import legacy = require("./legacy")
const computed = import(name), more = require(name, 1)
"#,
    );
    let expected = [
        ("./a.css", Static, false),
        ("react", Static, false),
        ("./props", Static, true),
        ("./types", Static, true),
        ("./mixed", Static, false),
        ("./star", ReExport, false),
        ("./named", ReExport, false),
        ("./typed", ReExport, true),
        ("./lazy", Dynamic, false),
        ("./template", Dynamic, false),
        ("./old", Require, false),
        ("./far", Dynamic, true),
        ("./legacy", Require, false),
    ];
    assert_eq!(imports(&module), expected);
    assert_eq!(module.imports[2].line, 3);
}

#[test]
fn an_import_knows_where_its_specifier_stands() {
    let text = "/* é */ import { a } from './ä/b'\nexport const x = () => import(`../c`)";
    let module = valid(text);
    let found: Vec<&str> =
        module.imports.iter().map(|import| &text[import.start as usize..import.end as usize]).collect();
    assert_eq!(found, ["./ä/b", "../c"]);
}

#[test]
fn exports_tell_values_from_types() {
    let module = valid(
        r#"import { z, type Q } from "z"
interface Props {}
const Button = () => null, { a, b: [c] } = z
export { Button, Button as Knopf, Props, z, Q }
export function useMobile() {}
export class Store {}
export type Size = 1
export interface Shape {}
export enum Kind { A }
export const [first, ...rest] = [1]
export * as all from "./all"
export default Button
"#,
    );
    let names: Vec<(&str, bool)> = module.exports.iter().map(|export| (export.name.as_str(), export.is_type)).collect();
    let expected = [
        ("Button", false),
        ("Knopf", false),
        ("Props", true),
        ("z", false),
        ("Q", true),
        ("useMobile", false),
        ("Store", false),
        ("Size", true),
        ("Shape", true),
        ("Kind", false),
        ("first", false),
        ("rest", false),
        ("all", false),
        ("default", false),
    ];
    assert_eq!(names, expected);
    let default = module.exports.last().unwrap();
    assert_eq!(default.local.as_deref(), Some("Button"));
    assert!(default.is_component() && !default.is_hook());
    assert!(module.exports[5].is_hook());
}

#[test]
fn jsx_is_seen_wherever_it_stands() {
    assert!(valid("export const a = () => ({ x: [<b/>] })").has_jsx);
    assert!(valid("export const a = <></>").has_jsx);
    assert!(valid("import * as React from 'react'\nexport const a = React.createElement('b')").has_jsx);
    assert!(!valid("document.createElement('a'); export const f = <T,>(x: Array<T>) => x.length < 3").has_jsx);
}

#[test]
fn a_barrel_only_passes_on() {
    assert!(valid("export * from './a'\nexport { b } from './b'").is_barrel);
    assert!(valid("import './x.css'\nimport { a } from './a'\nexport { a }").is_barrel);
    assert!(!valid("export * from './a'\nexport const b = 1").is_barrel);
    assert!(!valid("").is_barrel);
}

#[test]
fn directives_are_read() {
    assert_eq!(valid("'use client'\n\nexport const a = 1").directives, ["use client"]);
}

#[test]
fn the_leading_doc_comment_describes_the_file() {
    let module = valid(
        "/**\n * A field that picks a {@link Date}.\n * In a popover.\n *\n * More about it.\n *\n * @title Date Picker\n * @type registry:block\n * @name when\n */\nimport * as React from 'react'\nexport const x = 1",
    );
    let doc = module.description("x");
    assert_eq!(doc.description.as_deref(), Some("A field that picks a Date. In a popover."));
    assert_eq!(doc.title.as_deref(), Some("Date Picker"));
    assert_eq!(doc.kind.as_deref(), Some("registry:block"));
    assert_eq!(doc.name.as_deref(), Some("when"));
}

#[test]
fn the_doc_comment_of_the_main_export_describes_the_file_too() {
    let text = "import * as React from 'react'\n/** Props. */\ninterface Props {}\n/** Opens things. */\nconst Dialog = (p: Props) => <b/>\n/** Closes. */\nfunction DialogClose() {}\nexport { DialogClose, Dialog }";
    assert_eq!(valid(text).description("dialog").description.as_deref(), Some("Opens things."));
    assert_eq!(valid(text).description("other").description.as_deref(), Some("Closes."));
    let text = "const a = 1\n/** Default. */\nexport default function Card() { return <b/> }";
    assert_eq!(valid(text).description("index").description.as_deref(), Some("Default."));
}

#[test]
fn a_description_tag_wins_over_the_text() {
    let doc = Doc::read("*\n * Text.\n * @description Said\n * twice.\n * @example\n * <b/>\n");
    assert_eq!(doc.description.as_deref(), Some("Said twice."));
}

#[test]
fn notices_and_jsdoc_types_describe_nothing() {
    for text in [
        "/** Copyright 2026 Acme */\nimport 'a'",
        "/** @license MIT */\nimport 'a'",
        "/** eslint-disable no-console */\nimport 'a'",
        "/** @type {import('next').NextConfig} */\nexport const a = 1",
        "/* Plain. */\nimport 'a'",
        "// Plain.\nimport 'a'",
        "/** About y. */\nconst y = 1\nexport const x = 2",
    ] {
        assert_eq!(valid(text).description("x"), Doc::default(), "{text}");
    }
}

#[test]
fn a_long_description_ends_with_a_sentence() {
    let text = format!("First sentence. {}", "word ".repeat(200));
    assert_eq!(Doc::read(&text).description.as_deref(), Some("First sentence."));
    let text = Doc::read(&"word ".repeat(200)).description.unwrap();
    assert!(text.ends_with("word…") && text.chars().count() <= 501, "{text}");
}

#[test]
fn a_syntax_error_names_line_and_column() {
    let module = parse("const a = 1\nconst é = 2; const = 3\n");
    let error = &module.errors[0];
    assert_eq!((error.line, error.column), (2, 20), "{error:?}");
}

#[test]
fn a_file_with_a_mistake_keeps_its_imports() {
    let text = "import { a } from './a'\nimport './b.css'\nconst c = import(\"./c\")\nexport * from './d'\nconst = 1\nlet informat = 'x'";
    let module = parse(text);
    assert_eq!(module.errors.len(), 1);
    let mut found: Vec<&str> = module.imports.iter().map(|import| import.specifier.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ["./a", "./b.css", "./c", "./d"]);
}

#[test]
fn commonjs_and_plain_javascript_are_read() {
    let module = Module::parse(b"const a = require('a'); module.exports = () => <a/>", Dialect::Js);
    assert_eq!((module.errors.len(), module.imports.len(), module.has_jsx), (0, 1, true));
    let module = Module::parse(b"declare const a: string; export default a", Dialect::Dts);
    assert_eq!(module.errors, []);
}

#[test]
fn a_dialect_is_told_by_the_name() {
    let all = ["a.ts", "a.tsx", "b/a.d.ts", "a.mts", "a.cjs", "a.css", "ts", "a.d.mts", "d.ts"].map(Dialect::of);
    let expected = [Some(Ts), Some(Tsx), Some(Dts), Some(Ts), Some(Js), None, None, Some(Dts), Some(Ts)];
    assert_eq!(all, expected);
}

#[test]
fn what_is_too_large_or_not_text_has_an_error() {
    let large = vec![b' '; MAX_SOURCE_BYTES + 1];
    for text in [&large[..], b"\xff\xfe", b"const a = \xc3"] {
        assert_eq!(Module::parse(text, Dialect::Ts).errors.len(), 1);
    }
}

/// Whatever nests in the language, nested without end: an error at worst, and soon.
#[test]
fn hostile_nesting_is_refused_without_overflow() {
    let units = [
        "(",
        "[",
        "{",
        "<",
        "!",
        "- ",
        "a=>",
        "a=",
        "a?b:",
        "new ",
        "<a>",
        "if(1)",
        "a:",
        "`${",
        "typeof ",
        "await ",
        "async a=>",
        "(a,b)=>",
        "{a:",
        "function a(){",
        "class a{a(){",
        "1+",
        "a.",
        "a?.",
        "1**",
        "else ",
        "import(",
        "(a?",
        "<a b={",
        "do ",
        "for(;;)",
        "while(1)",
        "a<",
        "(a=",
        "[a<{",
        "a as ",
        "a&&",
        "a,",
        "...",
        "a`",
        "@a ",
        "case 1:",
        "await <",
        "of <",
        "\nstatic ",
        "static\n",
        "declare ",
        "\nasync ",
        "type a=",
        "infer a extends ",
        "keyof ",
        "a|",
        "a[",
        "\n(",
        "a??",
        "if(1);else ",
        "try{",
        "({get a(){",
        "a!",
        "a=b,",
        "let a=",
        "throw ",
        "yield ",
        "void ",
        "//\n(",
        "/*(*/[",
        "'('+[",
        "<a.b>",
        "<></>",
        "a instanceof ",
        "a in ",
        "namespace a{",
        "enum a{b=",
        "a satisfies ",
        "${",
    ];
    for unit in units {
        for (prefix, count) in [("", 20_000), ("type x = ", 20_000), ("const x = ", 60)] {
            let text = format!("{prefix}{}", unit.repeat(count));
            for dialect in [Dialect::Tsx, Dialect::Ts, Dialect::Js] {
                let started = std::time::Instant::now();
                let _ = Module::parse(text.as_bytes(), dialect);
                let spent = started.elapsed();
                assert!(spent.as_secs() < 20, "{unit:?} × {count}: {spent:?}");
            }
        }
    }
}

#[test]
fn a_hundred_thousand_brackets_are_an_error_with_a_line() {
    let text = format!("const a = 1\nconst b = {}", "(".repeat(100_000));
    let module = parse(&text);
    assert_eq!(module.errors[0].line, 2);
    assert!(module.errors[0].message.contains("nests too deeply"), "{module:?}");
}

#[test]
fn what_people_write_does_not_nest_too_deeply() {
    let nested = (0..30).fold("1".to_owned(), |inner, depth| {
        format!("a{depth}.then((x) => {{ if (x < {depth}) {{ return <p>Don't {{f<T>(({inner}))}} it's / \"x</p> }} }})")
    });
    assert_eq!(nesting::check(&nested), Ok(()));
    let strings = "const a = [':(', \"(((\", `((${b}((`, /[(]([/]\\(/]\n// (((\n/* ((( */\n".repeat(500);
    assert_eq!(nesting::check(&strings), Ok(()));
    let comparisons = "if (a < b) { c = d < e }\nconst x = y < z\n".repeat(500);
    assert_eq!(nesting::check(&comparisons), Ok(()));
}

const SAMPLE: &str = r#"/** A button. @title Button */
"use client"

import * as React from "react"
import { cva, type VariantProps } from "class-variance-authority"
import { cn } from "@/lib/utils"

const variants = cva("inline-flex", { variants: { size: { sm: `h-${8}`, lg: "h-10" } } })

export interface ButtonProps extends React.ComponentProps<"button">, VariantProps<typeof variants> {
  as?: Array<Record<string, [a: number, b?: string]>>
}

function Button({ className, size, ...props }: ButtonProps) {
  const lazy = React.lazy(() => import("./lazy"))
  return <button className={cn(variants({ size }), className)} {...props}>Don't {"panic"} <b>/</b></button>
}

export { Button, variants }
"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for dialect in [Dialect::Ts, Dialect::Tsx, Dialect::Js, Dialect::Dts] {
            let _ = Module::parse(&bytes, dialect);
        }
    }

    #[test]
    fn truncated_and_mangled_code_never_panics(
        start in 0..SAMPLE.len(),
        length in 0..SAMPLE.len(),
        insert in "[(){}<>\\[\\]`'\"/$a=,;:?. \n-]{0,12}",
    ) {
        let middle = &SAMPLE.as_bytes()[start..SAMPLE.len().min(start + length)];
        let text = [middle, insert.as_bytes(), &SAMPLE.as_bytes()[start..]].concat();
        let module = Module::parse(&text, Dialect::Tsx);
        for import in &module.imports {
            prop_assert!(import.start <= import.end && (import.end as usize) < text.len().max(1));
        }
    }

    #[test]
    fn a_module_survives_being_stored(length in 0..SAMPLE.len()) {
        let module = Module::parse(&SAMPLE.as_bytes()[..length], Dialect::Tsx);
        let stored = serde_json::to_string(&module).unwrap();
        prop_assert_eq!(serde_json::from_str::<Module>(&stored).unwrap(), module);
    }
}
