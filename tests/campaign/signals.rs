//! What interrupts a shard costs at most the blocks that are under way.
#![cfg(unix)]

use super::folder::{Folder, ends, plan, run, synod, text};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Waits until the shard's first result is there: some blocks are made then, and not all.
fn wait_for(result: &Path, child: &mut Child) {
    while !result.is_file() {
        assert!(child.try_wait().expect("it can be asked").is_none(), "it is over before it was interrupted");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_signal_keeps_whole_blocks_and_the_shard_goes_on() {
    let folder = Folder::new();
    let options = ["--seeds", "0..2000", "--block", "4"];
    let whole = folder.at("whole");
    plan(&whole, &options);
    run(&whole, "0/1");
    let merged = ends(0, &["campaign", "merge", &whole, "--format", "json"]);
    for signal in ["TERM", "USR1", "INT", "KILL"] {
        let campaign = folder.at(signal);
        plan(&campaign, &options);
        let arguments = ["campaign", "run", &campaign, "--shard", "0/1", "--format", "json"];
        let mut command = synod(&arguments);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
        wait_for(&folder.path(signal).join("results/shard-00000-of-00001.json"), &mut child);
        let killed = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
        assert!(killed.expect("kill starts").success());
        let output = child.wait_with_output().expect("it ends");
        if signal != "KILL" {
            let made: serde_json::Value =
                serde_json::from_str(&text(130, &arguments, output)).expect("one object");
            let runs = made["runs"].as_u64().expect("a number");
            assert!((4..2_000).contains(&runs) && runs.is_multiple_of(4), "whole blocks: {runs}");
            assert_eq!(made["finished"], false);
        }
        let missing = ends(0, &["campaign", "missing", &campaign, "--format", "human"]);
        // The plan's eight shards would have more left to make than the one that is under way.
        assert_eq!(missing, "0/1\n", "{signal}");
        run(&campaign, "0/1");
        assert_eq!(ends(0, &["campaign", "merge", &campaign, "--format", "json"]), merged, "{signal}");
    }
}
