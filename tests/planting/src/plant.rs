//! Writes mutants into a copy of the checkout, each behind its switch.

use crate::error::Error;
use crate::files;
use crate::site::Site;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

/// The variable that turns one mutant on, by its number.
pub const CHOSEN: &str = "SYNOD_PLANTED";

/// The variable that names a file, which is made once the mutant is reached.
pub const REACHED: &str = "SYNOD_PLANTED_REACHED";

/// The switch, added to every crate in which something is planted. A number is read once, so a switch costs a load.
const SWITCH: &str = r#"
#[doc(hidden)]
pub mod synod_planted {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
    const UNREAD: u32 = u32::MAX;
    static CHOSEN: AtomicU32 = AtomicU32::new(UNREAD);
    static REACHED: AtomicBool = AtomicBool::new(false);
    #[inline]
    pub fn on(number: u32) -> bool {
        let chosen = CHOSEN.load(Relaxed);
        (chosen == number || chosen == UNREAD) && is_chosen(number)
    }
    #[cold]
    #[inline(never)]
    fn is_chosen(number: u32) -> bool {
        if CHOSEN.load(Relaxed) == UNREAD {
            let read = std::env::var("SYNOD_PLANTED").ok().and_then(|text| text.parse().ok());
            CHOSEN.store(read.unwrap_or(0), Relaxed);
        }
        let chosen = CHOSEN.load(Relaxed) == number;
        if chosen && !REACHED.load(Relaxed) {
            REACHED.store(true, Relaxed);
            if let Ok(path) = std::env::var("SYNOD_PLANTED_REACHED") {
                let _ = std::fs::write(path, "reached");
            }
        }
        chosen
    }
}
"#;

/// Where each mutant stands in a planted source, by its number.
pub type Places = BTreeMap<String, Vec<(Range<usize>, u32)>>;

/// Brings the copy up to date with the checkout, with these sites planted in it; `crates` are the folders of the
/// crates that get a switch.
pub fn write(checkout: &Path, copy: &Path, crates: &[&str], sites: &[(u32, &Site)]) -> Result<Places, Error> {
    let mut by_file: BTreeMap<&str, Vec<(u32, &Site)>> = BTreeMap::new();
    for &(number, site) in sites {
        by_file.entry(&site.file).or_default().push((number, site));
    }
    let roots: Vec<String> = crates.iter().map(|folder| format!("{folder}/lib.rs")).collect();
    let mut places = Places::new();
    for path in files::of_checkout(checkout)? {
        let name = path.to_string_lossy().into_owned();
        let (from, to) = (checkout.join(&path), copy.join(&path));
        let planted = by_file.remove(name.as_str());
        let is_root = roots.contains(&name);
        if planted.is_none() && !is_root && name != "Cargo.toml" {
            files::write(&to, &std::fs::read(&from).map_err(|source| Error::file(&from, source))?)?;
            continue;
        }
        let mut text = files::read(&from)?;
        if let Some(mut planted) = planted {
            let spots;
            (text, spots) = rewritten(&text, &mut planted);
            places.insert(name.clone(), spots);
        }
        if is_root {
            text.push_str(SWITCH);
        }
        if name == "Cargo.toml" {
            text = lenient(&text);
        }
        files::write(&to, text.as_bytes())?;
    }
    match by_file.keys().next() {
        Some(file) => Err(Error::new(format!("{file} is not in the checkout"))),
        None => Ok(places),
    }
}

/// The source with its sites planted, and where they now are.
fn rewritten(source: &str, sites: &mut [(u32, &Site)]) -> (String, Vec<(Range<usize>, u32)>) {
    sites.sort_by_key(|(_, site)| (site.place.start, site.place.end));
    let (mut text, mut places, mut end) = (String::new(), Vec::new(), 0);
    for &mut (number, site) in sites {
        text.push_str(&source[end..site.place.start]);
        let start = text.len();
        let _ = write!(text, "{}", site.text(source, number));
        places.push((start..text.len(), number));
        end = site.place.end;
    }
    text.push_str(&source[end..]);
    (text, places)
}

/// The manifest without what it denies: mutants are not held to the lints.
fn lenient(manifest: &str) -> String {
    let at = manifest.find("[workspace.lints").unwrap_or(manifest.len());
    let (before, lints) = manifest.split_at(at);
    format!("{before}{}", lints.replace("\"deny\"", "\"allow\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::sites;

    #[test]
    fn sites_are_planted_in_order_and_their_places_are_known() {
        let source = "fn f() -> X { a < b }\nfn g() -> X { c == d }\n";
        let found = sites("f.rs", source).expect("it parses");
        let (text, places) = rewritten(source, &mut [(2, &found[1]), (1, &found[0])]);
        let at = |index: usize| &text[places[index].0.clone()];
        assert_eq!(at(0), "(if crate::synod_planted::on(1) { a <= b } else { a < b })");
        assert_eq!(at(1), "(if crate::synod_planted::on(2) { c != d } else { c == d })");
        assert!(syn::parse_file(&text).is_ok(), "{text}");
    }

    #[test]
    fn lints_are_allowed_and_nothing_else() {
        let manifest = "a = \"deny\"\n[workspace.lints.rust]\nb = \"deny\"\n";
        assert_eq!(lenient(manifest), "a = \"deny\"\n[workspace.lints.rust]\nb = \"allow\"\n");
    }
}
