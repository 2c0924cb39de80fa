//! Finds the places in a source at which something can be planted.

use crate::site::{Edit, Kind, Site};
use proc_macro2::Span;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, BinOp, Block, Expr, ExprBinary, ExprRepeat, Generics, ImplItem, Item, ItemImpl, Lit, Pat,
    ReturnType, Signature, Stmt, TraitItem, Type, UnOp,
};

/// Traits whose implementations describe, and do not act.
const DESCRIBING: [&str; 12] = [
    "Debug",
    "Default",
    "Deserialize",
    "Display",
    "Error",
    "Harness",
    "JsonSchema",
    "KernelObservation",
    "Observation",
    "Oracle",
    "Serialize",
    "Visitor",
];

/// Types of numbers, whose default is 0.
const NUMBERS: [&str; 10] = ["u8", "u16", "u32", "u64", "u128", "usize", "i32", "i64", "i128", "isize"];

/// Every site of a source, in order.
pub fn sites(file: &str, source: &str) -> syn::Result<Vec<Site>> {
    let parsed = syn::parse_file(source)?;
    let mut finder = Finder { file, source, names: Vec::new(), found: Vec::new() };
    finder.visit_file(&parsed);
    Ok(finder.found)
}

struct Finder<'a> {
    file: &'a str,
    source: &'a str,
    /// The type and the functions that are around.
    names: Vec<String>,
    found: Vec<Site>,
}

/// Whether what has these attributes is not in every build.
fn is_conditional(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("test"))
}

/// Whether a condition binds names, so that it cannot stand elsewhere.
fn binds(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(ExprBinary { left, op: BinOp::And(_), right, .. }) => binds(left) || binds(right),
        _ => false,
    }
}

/// What stands for an operator.
fn swapped(operator: &BinOp) -> Option<(Kind, &'static str)> {
    Some(match operator {
        BinOp::Lt(_) => (Kind::Comparison, "<="),
        BinOp::Le(_) => (Kind::Comparison, "<"),
        BinOp::Gt(_) => (Kind::Comparison, ">="),
        BinOp::Ge(_) => (Kind::Comparison, ">"),
        BinOp::Eq(_) => (Kind::Comparison, "!="),
        BinOp::Ne(_) => (Kind::Comparison, "=="),
        BinOp::And(_) => (Kind::Logic, "||"),
        BinOp::Or(_) => (Kind::Logic, "&&"),
        BinOp::Add(_) => (Kind::Arithmetic, "-"),
        BinOp::Sub(_) => (Kind::Arithmetic, "+"),
        BinOp::Mul(_) => (Kind::Arithmetic, "+"),
        BinOp::Div(_) => (Kind::Arithmetic, "*"),
        BinOp::Rem(_) => (Kind::Arithmetic, "/"),
        BinOp::AddAssign(_) => (Kind::Arithmetic, "-="),
        BinOp::SubAssign(_) => (Kind::Arithmetic, "+="),
        _ => return None,
    })
}

/// The last name of a type's path.
fn name_of(kind: &Type) -> Option<String> {
    match kind {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// The values that a function may return at once.
fn defaults(output: &ReturnType) -> &'static [&'static str] {
    match output {
        ReturnType::Default => &["()"],
        ReturnType::Type(_, kind) => match name_of(kind).as_deref() {
            Some("bool") => &["true", "false"],
            Some("Option") => &["None"],
            Some("Vec") => &["Vec::new()"],
            Some("f64") => &["0.0"],
            Some(number) if NUMBERS.contains(&number) => &["0"],
            _ => &[],
        },
    }
}

/// Whether a function only checks what holds anyway: nothing notices that it is gone.
fn is_assertion(name: &str) -> bool {
    name.starts_with("assert_") || name.starts_with("debug_assert")
}

/// The name of what is called.
fn called(call: &Expr) -> Option<String> {
    match call {
        Expr::MethodCall(call) => Some(call.method.to_string()),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an expression only names things: a path, a reference to one, a field, or several of these.
fn only_names(expression: &Expr) -> bool {
    match expression {
        Expr::Path(_) => true,
        Expr::Reference(inner) => only_names(&inner.expr),
        Expr::Field(inner) => only_names(&inner.base),
        Expr::Tuple(inner) => inner.elems.iter().all(only_names),
        _ => false,
    }
}

/// Whether a body does what a default body would do: it is the default, or only names what it does not use.
fn is_default(block: &Block, value: &str) -> bool {
    let names = |statement: &Stmt| match statement {
        Stmt::Local(local) => {
            matches!(local.pat, Pat::Wild(_)) && local.init.as_ref().is_none_or(|init| only_names(&init.expr))
        }
        _ => false,
    };
    let Some((last, others)) = block.stmts.split_last() else { return true };
    let ends_so = match last {
        Stmt::Expr(Expr::Lit(literal), None) => match &literal.lit {
            Lit::Int(number) => value == number.base10_digits(),
            Lit::Float(number) => value == number.base10_digits(),
            Lit::Bool(truth) => value == if truth.value { "true" } else { "false" },
            _ => false,
        },
        Stmt::Expr(Expr::Path(path), None) => path.path.is_ident(value),
        Stmt::Expr(Expr::Call(call), None) => {
            value == "Vec::new()"
                && call.args.is_empty()
                && matches!(&*call.func, Expr::Path(path)
                    if path.path.segments.iter().map(|one| one.ident.to_string()).eq(["Vec", "new"]))
        }
        Stmt::Expr(Expr::Tuple(unit), None) => value == "()" && unit.elems.is_empty(),
        statement => value == "()" && names(statement),
    };
    ends_so && others.iter().all(names)
}

impl Finder<'_> {
    fn text(&self, span: Span) -> &str {
        &self.source[span.byte_range()]
    }

    fn push(&mut self, place: Range<usize>, line: usize, kind: Kind, edit: Edit, after: &str) {
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let before = match place.is_empty() {
            true => "the body".to_owned(),
            false => one_line(&self.source[place.clone()]),
        };
        // Which bug is built in is no part of what runs.
        if before.to_lowercase().contains("bug") {
            return;
        }
        let (function, after) = (self.names.join("::"), one_line(after));
        let is_same =
            |site: &&Site| site.function == function && site.before == before && site.after == after;
        let nth = self.found.iter().filter(is_same).count() + 1;
        let file = self.file.to_owned();
        self.found.push(Site { file, place, line, function, kind, edit, before, after, nth });
    }

    /// Pushes an expression that stands for `whole`.
    fn instead(&mut self, whole: &impl Spanned, kind: Kind, other: String) {
        let span = whole.span();
        self.push(span.byte_range(), span.start().line, kind, Edit::Instead(other.clone()), &other);
    }

    fn negated(&mut self, condition: &Expr) {
        if !binds(condition) {
            let span = condition.span();
            let after = format!("!({})", self.text(span));
            self.push(span.byte_range(), span.start().line, Kind::NegatedCondition, Edit::Negated, &after);
        }
    }

    fn binary(&mut self, whole: &ExprBinary) {
        let [all, left, operator] =
            [whole.span(), whole.left.span(), whole.op.span()].map(|s| s.byte_range());
        if let Some((kind, other)) = swapped(&whole.op)
            && !binds(&whole.left)
            && !binds(&whole.right)
        {
            let (before, after) =
                (&self.source[all.start..operator.start], &self.source[operator.end..all.end]);
            self.instead(whole, kind, format!("{before}{other}{after}"));
        }
        if matches!(whole.op, BinOp::Add(_) | BinOp::Sub(_)) && self.text(whole.right.span()) == "1" {
            self.instead(whole, Kind::DroppedOne, self.source[left].to_owned());
        }
    }

    fn function(&mut self, signature: &Signature, attributes: &[Attribute], block: &Block) {
        let name = signature.ident.to_string();
        if signature.constness.is_some() || is_conditional(attributes) || is_assertion(&name) {
            return;
        }
        self.names.push(name);
        if !block.stmts.is_empty() {
            let open = block.brace_token.span.open();
            for &value in defaults(&signature.output).iter().filter(|value| !is_default(block, value)) {
                let end = open.byte_range().end;
                self.push(
                    end..end,
                    signature.ident.span().start().line,
                    Kind::DefaultBody,
                    Edit::Returned(value),
                    &format!("return {value}"),
                );
            }
        }
        self.visit_block(block);
        self.names.pop();
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(function) => self.function(&function.sig, &function.attrs, &function.block),
            Item::Impl(inner) if !is_conditional(&inner.attrs) => self.visit_item_impl(inner),
            Item::Mod(inner) if !is_conditional(&inner.attrs) => visit::visit_item_mod(self, inner),
            Item::Trait(inner) if !is_conditional(&inner.attrs) => {
                self.names.push(inner.ident.to_string());
                inner.items.iter().for_each(|item| self.visit_trait_item(item));
                self.names.pop();
            }
            // Constants, types, macros: a switch can stand in none of them.
            _ => {}
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if let Some((_, path, _)) = &item.trait_
            && let Some(last) = path.segments.last()
            && DESCRIBING.contains(&last.ident.to_string().as_str())
        {
            return;
        }
        self.names.push(name_of(&item.self_ty).unwrap_or_else(|| "_".to_owned()));
        item.items.iter().for_each(|inner| self.visit_impl_item(inner));
        self.names.pop();
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if let ImplItem::Fn(function) = item {
            self.function(&function.sig, &function.attrs, &function.block);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if let TraitItem::Fn(function) = item
            && let Some(block) = &function.default
        {
            self.function(&function.sig, &function.attrs, block);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Expr(call @ (Expr::Call(_) | Expr::MethodCall(_)), Some(_)) = statement
            && !called(call).is_some_and(|name| is_assertion(&name))
        {
            let span = statement.span();
            // A span of several tokens is joined from the first and the last.
            let place = call.span().byte_range().start..span.byte_range().end;
            self.push(place, span.start().line, Kind::DeletedCall, Edit::Deleted, "nothing");
        }
        if let Stmt::Local(local) = statement
            && is_conditional(&local.attrs)
        {
            return;
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            // A constant, in which a switch cannot stand.
            Expr::Const(_) => return,
            Expr::Binary(binary) => self.binary(binary),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                self.instead(unary, Kind::DeletedNegation, self.text(unary.expr.span()).to_owned());
            }
            Expr::If(inner) => self.negated(&inner.cond),
            Expr::While(inner) => self.negated(&inner.cond),
            Expr::Lit(literal) => {
                if let Lit::Int(number) = &literal.lit
                    && let Ok(value) = number.base10_parse::<u64>()
                    && let Some(more) = value.checked_add(1)
                {
                    self.instead(literal, Kind::OffByOne, format!("{more}{}", number.suffix()));
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expression);
    }

    fn visit_expr_repeat(&mut self, array: &'ast ExprRepeat) {
        // The length is a constant.
        self.visit_expr(&array.expr);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        if is_conditional(&arm.attrs) {
            return;
        }
        if let Some((_, guard)) = &arm.guard
            && !binds(guard)
        {
            let span = guard.span();
            for always in [true, false] {
                let after = format!("if {always}");
                self.push(span.byte_range(), span.start().line, Kind::Guard, Edit::Constant(always), &after);
            }
        }
        visit::visit_arm(self, arm);
    }

    // Neither patterns nor types nor attributes have room for a switch.
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_generics(&mut self, _: &'ast Generics) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_path(&mut self, _: &'ast syn::Path) {}
    fn visit_angle_bracketed_generic_arguments(&mut self, _: &'ast syn::AngleBracketedGenericArguments) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a function's body, as the texts before and after.
    fn found(body: &str) -> Vec<(String, String)> {
        let source = format!("fn f(x: u32) -> Special {{ {body} }}");
        let sites = sites("f.rs", &source).expect("it parses");
        sites.into_iter().map(|site| (site.before, site.after)).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(before, after)| (before.to_owned(), after.to_owned())).collect()
    }

    #[test]
    fn every_kind_is_found() {
        assert_eq!(found("x < y"), pairs(&[("x < y", "x <= y")]));
        assert_eq!(found("x == y && z"), pairs(&[("x == y && z", "x == y || z"), ("x == y", "x != y")]));
        assert_eq!(found("x + 1"), pairs(&[("x + 1", "x - 1"), ("x + 1", "x"), ("1", "2")]));
        assert_eq!(found("if x { y } else { z }"), pairs(&[("x", "!(x)")]));
        assert_eq!(found("!x"), pairs(&[("!x", "x")]));
        assert_eq!(found("x.f(); g(x);"), pairs(&[("x.f();", "nothing"), ("g(x);", "nothing")]));
        assert_eq!(found("match x { y if z => w, _ => v }"), pairs(&[("z", "if true"), ("z", "if false")]));
    }

    #[test]
    fn nothing_is_found_where_no_switch_can_stand() {
        for body in [
            "const N: u32 = 1; x",
            "[x; 3]",
            "assert!(x < 3);",
            "f::<3>(x)",
            "if let Some(3) = x { y } else { z }",
            "match x { 3 => y, _ => z }",
            "x.0",
        ] {
            assert_eq!(found(body), [], "{body}");
        }
        let not = [
            "const fn f() -> u32 { 1 }",
            "#[cfg(test)] mod tests { fn f() -> u32 { 1 } }",
            "impl Debug for X { fn f() -> u32 { 1 } }",
            "#[cfg(feature = \"mutants\")] fn f() -> u32 { 1 }",
        ];
        for source in not {
            assert!(sites("f.rs", source).expect("it parses").is_empty(), "{source}");
        }
    }

    #[test]
    fn bodies_have_the_defaults_of_their_types() {
        let after = |source| {
            let sites = sites("f.rs", source).expect("it parses");
            sites.into_iter().map(|site| site.after).collect::<Vec<_>>()
        };
        assert_eq!(after("impl X { fn f(&self) -> bool { self.g() } }"), ["return true", "return false"]);
        assert_eq!(after("fn f() -> Option<u32> { g() }"), ["return None"]);
        assert_eq!(after("fn f() { g() }"), ["return ()"]);
        assert!(after("fn f() {}").is_empty());
        assert_eq!(after("fn f() -> bool { true }"), ["return false"]);
        assert_eq!(after("fn f() -> u64 { 1 }"), ["return 0", "2"]);
        for same in [
            "fn f() -> Option<u32> { None }",
            "fn f(x: u32) -> Vec<u32> { let _ = x; Vec::new() }",
            "fn f() -> f64 { 0.0 }",
            "fn f(x: u32, y: &Y) { let _ = (x, &y.z); }",
        ] {
            assert!(after(same).is_empty(), "{same}");
        }
        assert_eq!(after("fn f() -> u64 { 0 }"), ["1"]);
        assert_eq!(after("fn f(x: u32) { let _ = g(x); }"), ["return ()"]);
    }

    #[test]
    fn nothing_is_planted_in_what_only_asserts() {
        assert_eq!(found("x.assert_sound(); Self::assert_even(x); x"), []);
        let sites = sites("f.rs", "fn assert_sound(x: u32) { if x < 1 { panic!() } }").expect("it parses");
        assert!(sites.is_empty());
    }

    #[test]
    fn a_switch_stands_for_what_was_there() {
        let source = "fn f() -> X { x < y }";
        let site = &sites("f.rs", source).expect("it parses")[0];
        assert_eq!(site.text(source, 7), "(if crate::synod_planted::on(7) { x <= y } else { x < y })");
        assert_eq!(site.fingerprint(), "f.rs f: x < y -> x <= y");
        let twice = sites("f.rs", "fn f() -> X { g(1, 1) }").expect("it parses");
        assert_eq!(twice[1].fingerprint(), "f.rs f: 1 -> 2 #2");
    }
}
