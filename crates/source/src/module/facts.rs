//! From the parser's tree to a [`Module`].

use super::{Dialect, Doc, Export, Import, ImportKind, ImportedName, MAX_ERRORS, Module, SyntaxError};
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, BindingPattern, CallExpression, Declaration, ExportAllDeclaration, ExportDeclaration,
    ExportDefaultDeclaration, ExportDefaultDeclarationKind, ExportFromDeclaration, ExportNamedDeclaration,
    ExportSpecifier, Expression, ImportDeclaration, ImportDeclarationSpecifier, ImportExpression, JSXElement,
    JSXFragment, Program, Statement, StringLiteral, TSExternalModuleReference, TSImportType,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType, Span};
use std::collections::HashMap;

/// Longest specifier and name that is taken, in bytes.
const MAX_NAME: usize = 1_000;

/// Parses a text and collects what it says. Recursive: see `stack_bytes`.
pub(super) fn read(text: &str, dialect: Dialect) -> Module {
    let source_type = match dialect {
        Dialect::Ts => SourceType::ts(),
        Dialect::Tsx => SourceType::tsx(),
        Dialect::Js => SourceType::unambiguous().with_jsx(true),
        Dialect::Dts => SourceType::d_ts(),
    };
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, source_type).parse();
    let lines = Lines::new(text);
    let errors = parsed.diagnostics.errors().take(MAX_ERRORS).map(|error| {
        let (line, column) = error.labels.first().map_or((1, 1), |label| lines.position(label.offset()));
        SyntaxError { line, column, message: error.message.to_string() }
    });
    let mut module = Module { errors: errors.collect(), ..Module::default() };
    let program = &parsed.program;
    let docs = docs(program, text);
    module.directives = program.directives.iter().map(|directive| directive.directive.to_string()).collect();
    module.doc = file_doc(program, &docs);
    module.is_barrel = is_barrel(program);
    let mut visitor = Visitor { module, lines: &lines, docs, declared: declared(program) };
    visitor.visit_program(program);
    visitor.module.imports.sort_by_key(|import| import.start);
    visitor.module
}

/// Where each line begins.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    fn line(&self, offset: u32) -> u32 {
        u32::try_from(self.starts.partition_point(|&start| start <= offset as usize)).unwrap_or(u32::MAX)
    }

    fn position(&self, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        let before = self.text.get(start..offset as usize).unwrap_or_default();
        (line, u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX))
    }
}

/// The doc comments, by the offset of what they stand before.
fn docs<'t>(program: &Program<'_>, text: &'t str) -> HashMap<u32, &'t str> {
    let mut docs = HashMap::new();
    for comment in &program.comments {
        let content = comment.content_span();
        let content = text.get(content.start as usize..content.end as usize).unwrap_or_default();
        if comment.is_block()
            && let Some(doc) = content.strip_prefix('*')
        {
            docs.insert(comment.attached_to, doc);
        }
    }
    docs
}

/// What the first comment says of the file.
fn file_doc(program: &Program<'_>, docs: &HashMap<u32, &str>) -> Doc {
    let directive = program.directives.first().map(|directive| directive.span.start);
    let first = program
        .body
        .first()
        .filter(|first| matches!(first, Statement::ImportDeclaration(_)) || first.is_module_declaration());
    let places = directive.into_iter().chain(first.map(|first| first.span().start));
    let mut doc = Doc::default();
    for place in places {
        if let Some(text) = docs.get(&place) {
            doc = doc.or(&Doc::read(text));
        }
    }
    doc
}

fn is_barrel(program: &Program<'_>) -> bool {
    let passes_on = |statement: &Statement<'_>| {
        matches!(statement, Statement::ExportAllDeclaration(_) | Statement::ExportFromDeclaration(_))
    };
    let brings_in = |statement: &Statement<'_>| match statement {
        Statement::ImportDeclaration(_) | Statement::ExportNamedDeclaration(_) | Statement::EmptyStatement(_) => true,
        _ => passes_on(statement),
    };
    program.body.iter().any(|statement| !matches!(statement, Statement::EmptyStatement(_)))
        && program.body.iter().all(brings_in)
        && program
            .body
            .iter()
            .any(|statement| passes_on(statement) || matches!(statement, Statement::ExportNamedDeclaration(_)))
}

/// What is declared at the top level: where its statement begins, and whether
/// it is a type.
struct Declared {
    start: u32,
    is_type: bool,
}

fn declared<'a>(program: &Program<'a>) -> HashMap<&'a str, Declared> {
    let mut found = HashMap::new();
    for statement in &program.body {
        let (start, declaration) = match statement {
            Statement::ExportDeclaration(export) => (export.span.start, Some(&export.declaration)),
            statement => (statement.span().start, statement.as_declaration()),
        };
        if let Some(declaration) = declaration {
            let is_type = declaration.is_type();
            for name in names(declaration) {
                found.entry(name).or_insert(Declared { start, is_type });
            }
        }
        if let Statement::ImportDeclaration(import) = statement {
            for specifier in import.specifiers.iter().flatten() {
                let is_type = import.import_kind.is_type()
                    || matches!(specifier, ImportDeclarationSpecifier::ImportSpecifier(one) if one.import_kind.is_type());
                let local = specifier.local().name.as_str();
                found.entry(local).or_insert(Declared { start: u32::MAX, is_type });
            }
        }
    }
    found
}

/// The names that a declaration brings about.
fn names<'a>(declaration: &Declaration<'a>) -> Vec<&'a str> {
    let mut names = Vec::new();
    match declaration {
        Declaration::VariableDeclaration(variables) => {
            for variable in &variables.declarations {
                bound(&variable.id, &mut names);
            }
        }
        other => names.extend(other.id().map(|id| id.name.as_str())),
    }
    names
}

fn bound<'a>(pattern: &BindingPattern<'a>, names: &mut Vec<&'a str>) {
    match pattern {
        BindingPattern::BindingIdentifier(identifier) => names.push(identifier.name.as_str()),
        BindingPattern::ObjectPattern(object) => {
            for property in &object.properties {
                bound(&property.value, names);
            }
            if let Some(rest) = &object.rest {
                bound(&rest.argument, names);
            }
        }
        BindingPattern::ArrayPattern(array) => {
            for element in array.elements.iter().flatten() {
                bound(element, names);
            }
            if let Some(rest) = &array.rest {
                bound(&rest.argument, names);
            }
        }
        BindingPattern::AssignmentPattern(assignment) => bound(&assignment.left, names),
    }
}

struct Visitor<'a, 't> {
    module: Module,
    lines: &'t Lines<'t>,
    docs: HashMap<u32, &'t str>,
    declared: HashMap<&'a str, Declared>,
}

impl<'a> Visitor<'a, '_> {
    fn import(&mut self, literal: &StringLiteral<'a>, kind: ImportKind, is_type: bool) {
        self.import_at(literal.value.as_str(), literal.span, kind, is_type);
    }

    /// An import by a whole statement.
    fn statement(
        &mut self,
        literal: &StringLiteral<'a>,
        kind: ImportKind,
        is_type: bool,
        names: Vec<ImportedName>,
        span: Option<Span>,
    ) {
        let known = self.module.imports.len();
        self.import(literal, kind, is_type);
        let is_short = names.iter().all(|name| name.imported.len() <= MAX_NAME && name.local.len() <= MAX_NAME);
        if let Some(import) = self.module.imports.get_mut(known).filter(|_| is_short) {
            import.statement = span.filter(|_| !names.is_empty()).map(|span| (span.start, span.end));
            import.names = names;
        }
    }

    /// `span` is that of the literal with its quotes.
    fn import_at(&mut self, specifier: &str, span: Span, kind: ImportKind, is_type: bool) {
        if specifier.is_empty() || specifier.len() > MAX_NAME || span.end < span.start + 2 {
            return;
        }
        self.module.imports.push(Import {
            specifier: specifier.to_owned(),
            kind,
            is_type,
            line: self.lines.line(span.start),
            start: span.start + 1,
            end: span.end - 1,
            names: Vec::new(),
            statement: None,
        });
    }

    /// A string, or a template without expressions.
    fn import_expression(&mut self, expression: &Expression<'a>, kind: ImportKind) {
        match expression {
            Expression::StringLiteral(literal) => self.import(literal, kind, false),
            Expression::TemplateLiteral(template) => {
                if let Some(text) = template.single_quasi() {
                    self.import_at(text.as_str(), template.span, kind, false);
                }
            }
            _ => {}
        }
    }

    fn export(&mut self, name: &str, local: Option<&str>, is_type: bool, at: Option<u32>) {
        if name.len() > MAX_NAME || local.is_some_and(|local| local.len() > MAX_NAME) {
            return;
        }
        let declared = local.or(Some(name)).and_then(|name| self.declared.get(name));
        let mut doc = at.and_then(|at| self.docs.get(&at)).map(|text| Doc::read(text)).unwrap_or_default();
        if let Some(text) = declared.and_then(|declared| self.docs.get(&declared.start)) {
            doc = doc.or(&Doc::read(text));
        }
        self.module.exports.push(Export {
            name: name.to_owned(),
            local: local.filter(|local| *local != name).map(str::to_owned),
            is_type: is_type || declared.is_some_and(|declared| declared.is_type),
            doc,
        });
    }

    fn specifiers(&mut self, specifiers: &[ExportSpecifier<'a>], is_type: bool, at: u32, is_own: bool) {
        for specifier in specifiers {
            let is_type = is_type || specifier.export_kind.is_type();
            let local = is_own.then(|| specifier.local.name());
            let at = (specifiers.len() == 1).then_some(at);
            self.export(&specifier.exported.name(), local.as_deref(), is_type, at);
        }
    }
}

impl<'a> Visit<'a> for Visitor<'a, '_> {
    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        let only_types = import.specifiers.as_ref().is_some_and(|specifiers| {
            !specifiers.is_empty()
                && specifiers.iter().all(|specifier| {
                    matches!(specifier, ImportDeclarationSpecifier::ImportSpecifier(one) if one.import_kind.is_type())
                })
        });
        let names = import.specifiers.iter().flatten().map(|specifier| {
            let local = specifier.local().name.to_string();
            let (imported, is_type) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(one) => {
                    (one.imported.name().to_string(), one.import_kind.is_type())
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => ("default".to_owned(), false),
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => ("*".to_owned(), false),
            };
            ImportedName { imported, local, is_type }
        });
        let is_type = import.import_kind.is_type() || only_types;
        let is_plain = import.with_clause.is_none() && import.phase.is_none();
        let span = is_plain.then_some(import.span);
        self.statement(&import.source, ImportKind::Static, is_type, names.collect(), span);
    }

    fn visit_export_all_declaration(&mut self, export: &ExportAllDeclaration<'a>) {
        let is_type = export.export_kind.is_type();
        let local = export.exported.as_ref().map_or_else(|| "*".to_owned(), |name| name.name().to_string());
        let names = vec![ImportedName { imported: "*".to_owned(), local, is_type: false }];
        self.statement(&export.source, ImportKind::ReExport, is_type, names, None);
        if let Some(name) = &export.exported {
            self.export(&name.name(), None, is_type, Some(export.span.start));
        }
    }

    fn visit_export_from_declaration(&mut self, export: &ExportFromDeclaration<'a>) {
        let is_type = export.export_kind.is_type();
        let names = export.specifiers.iter().map(|specifier| ImportedName {
            imported: specifier.local.name().to_string(),
            local: specifier.exported.name().to_string(),
            is_type: specifier.export_kind.is_type(),
        });
        let span = export.with_clause.is_none().then_some(export.span);
        self.statement(&export.source, ImportKind::ReExport, is_type, names.collect(), span);
        self.specifiers(&export.specifiers, is_type, export.span.start, false);
    }

    fn visit_export_named_declaration(&mut self, export: &ExportNamedDeclaration<'a>) {
        self.specifiers(&export.specifiers, export.export_kind.is_type(), export.span.start, true);
    }

    fn visit_export_declaration(&mut self, export: &ExportDeclaration<'a>) {
        for name in names(&export.declaration) {
            self.export(name, None, export.declaration.is_type(), Some(export.span.start));
        }
        walk::walk_export_declaration(self, export);
    }

    fn visit_export_default_declaration(&mut self, export: &ExportDefaultDeclaration<'a>) {
        let at = Some(export.span.start);
        match &export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                self.export("default", function.id.as_ref().map(|id| id.name.as_str()), false, at);
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                self.export("default", class.id.as_ref().map(|id| id.name.as_str()), false, at);
            }
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(interface) => {
                self.export("default", Some(interface.id.name.as_str()), true, at);
            }
            ExportDefaultDeclarationKind::Identifier(identifier) => {
                self.export("default", Some(identifier.name.as_str()), false, at);
            }
            _ => self.export("default", None, false, at),
        }
        walk::walk_export_default_declaration(self, export);
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        self.import_expression(&import.source, ImportKind::Dynamic);
        walk::walk_import_expression(self, import);
    }

    fn visit_ts_import_type(&mut self, import: &TSImportType<'a>) {
        self.import(&import.source, ImportKind::Dynamic, true);
        walk::walk_ts_import_type(self, import);
    }

    fn visit_ts_external_module_reference(&mut self, reference: &TSExternalModuleReference<'a>) {
        self.import(&reference.expression, ImportKind::Require, false);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        match &call.callee {
            Expression::Identifier(name) if name.name == "require" => {
                if let [argument] = call.arguments.as_slice()
                    && let Some(argument) = Argument::as_expression(argument)
                {
                    self.import_expression(argument, ImportKind::Require);
                }
            }
            Expression::Identifier(name) if name.name == "createElement" => self.module.has_jsx = true,
            Expression::StaticMemberExpression(member) if member.property.name == "createElement" => {
                // Of React, not of the document.
                let is_react = matches!(&member.object, Expression::Identifier(object) if object.name != "document");
                self.module.has_jsx |= is_react;
            }
            _ => {}
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_jsx_element(&mut self, element: &JSXElement<'a>) {
        self.module.has_jsx = true;
        walk::walk_jsx_element(self, element);
    }

    fn visit_jsx_fragment(&mut self, fragment: &JSXFragment<'a>) {
        self.module.has_jsx = true;
        walk::walk_jsx_fragment(self, fragment);
    }
}
