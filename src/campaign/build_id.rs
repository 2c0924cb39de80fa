//! Which build of Synod this is.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Returns the digest of the program's own file: the same for copies of one build, and another for every other, whether
/// or not its version is. None where the system does not let a program read itself.
///
/// It is read once a process, some ten milliseconds for a program as it is installed.
pub(super) fn build_id() -> Option<&'static str> {
    static ID: OnceLock<Option<String>> = OnceLock::new();
    ID.get_or_init(|| hash().ok()).as_deref()
}

fn hash() -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(program()?)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Returns where the running program lies.
fn program() -> io::Result<PathBuf> {
    // Under its name there may be another one by now.
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_known_by_its_content() {
        let bytes = std::fs::read(std::env::current_exe().expect("it has a name")).expect("it can be read");
        assert_eq!(build_id(), Some(&*blake3::hash(&bytes).to_hex().to_string()));
    }
}
