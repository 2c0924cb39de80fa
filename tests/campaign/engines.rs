//! A folder and anything that starts processes is an engine.
#![cfg(unix)]

use super::folder::{Folder, QUICKSTART, SYNOD, ends, plan, synod};
use std::process::Command;

#[test]
fn xargs_makes_all_shards_two_at_a_time() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &["--seeds", "0..64", "--block", "4"]);
    let script = format!("seq 0 5 | xargs -P 2 -I {{}} '{SYNOD}' campaign run '{campaign}' --shard {{}}/6");
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let swept = ends(
        0,
        &["sweep", QUICKSTART, "--seeds", "0..64", "--output", &folder.at("sweep"), "--format", "json"],
    );
    assert_eq!(ends(0, &["campaign", "merge", &campaign, "--format", "json"]), swept);
}

#[test]
fn the_environment_can_name_the_shard() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &["--seeds", "0..8", "--block", "1", "--shards", "2"]);
    let run = |engine: &str, name: &str, value: &str| {
        let mut command = synod(&["campaign", "run", &campaign, "--shard-from", engine]);
        let output = command.env(name, value).output().expect("the command starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run("slurm", "SLURM_ARRAY_TASK_ID", "1");
    run("env", "SYNOD_SHARD", "0/2");
    ends(0, &["campaign", "merge", &campaign]);
}

/// Every shard twice at once: one of the two makes it, and the other is told so.
#[test]
fn two_processes_of_one_shard_do_no_harm() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &["--seeds", "0..400", "--block", "4"]);
    let spawn =
        || synod(&["campaign", "run", &campaign, "--shard", "0/1"]).output().expect("the command starts");
    let outputs = std::thread::scope(|scope| {
        let both = [scope.spawn(spawn), scope.spawn(spawn)];
        both.map(|one| one.join().expect("no panic"))
    });
    let mut codes = outputs.each_ref().map(|output| output.status.code().expect("it ended by itself"));
    codes.sort_unstable();
    // The second may come when the first has ended.
    assert!(codes == [0, 2] || codes == [0, 0], "{codes:?}");
    if codes == [0, 2] {
        let refused = outputs.iter().find(|output| output.status.code() == Some(2)).expect("one is");
        let error = String::from_utf8_lossy(&refused.stderr);
        assert!(error.contains("another process is making shard 0/1"), "{error}");
    }
    ends(0, &["campaign", "merge", &campaign]);
}
