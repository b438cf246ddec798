//! Pictures from a folder, on the command line.

use image::{Rgb, RgbImage};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A folder of its own, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("recoworld-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("photos/more")).expect("a folder");
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Sixty shirts, plain or striped, of which the words say nothing; most have a photograph.
fn shop(folder: &Folder) {
    let mut text = String::from("id,title,topic,minutes,image\n");
    for i in 0..60u32 {
        text += &format!("shirt-{i},Shirt {i},{},2,shirt{i}.jpg\n", ["Tops", "Basics"][i as usize / 30]);
        let striped = i % 2 == 0;
        let paint =
            |x: u32, _| if striped && (x / 20).is_multiple_of(2) { Rgb([20, 20, 90]) } else { Rgb([230, 225, 90]) };
        let inner = if i % 5 == 0 { "photos/more" } else { "photos" };
        let path = folder.0.join(inner).join(format!("SHIRT{i}.jpg"));
        match i {
            57 => {}
            58 => fs::write(path, b"GIF89a").expect("writes"),
            59 => fs::write(path, b"<svg/>").expect("writes"),
            _ => RgbImage::from_fn(280, 210, paint).save(path).expect("writes"),
        }
    }
    fs::write(folder.0.join("items.csv"), text).expect("writes");
    fs::write(folder.0.join("photos/notes.txt"), "none of these").expect("writes");
}

fn recoworld(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_recoworld")).args(arguments).output().expect("the program starts")
}

fn parts(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_folder_of_pictures_is_taken_in_and_what_is_wrong_with_it_is_told() {
    let folder = Folder::new("shop");
    shop(&folder);
    let (items, photos) = (folder.path("items.csv"), folder.path("photos"));
    let study = |more: &[&str]| {
        let all = ["lab", "representations", "--catalog", &items, "--episodes", "4", "--seed", "3", "--json"];
        let output = recoworld(&[&all[..], more].concat());
        let (out, err) = parts(&output);
        assert!(output.status.success(), "{err}");
        (serde_json::from_str::<Value>(&out).expect("JSON"), err)
    };
    let (without, _) = study(&[]);
    let (with, told) = study(&["--pictures", &photos]);
    for part in [
        "57 of 60 items have a picture",
        "SHIRT58.jpg: The file is broken",
        "SHIRT59.jpg: It is no picture",
        "3 pictures are not there: shirt57.jpg",
    ] {
        assert!(told.contains(part), "no {part:?} in:\n{told}");
    }
    let bytes = |table: &Value, row: usize| table["rows"][row]["cost"]["bytes"].as_f64().expect("a number");
    assert_eq!(without["rows"][0]["reward"], with["rows"][0]["reward"], "text is text");
    assert!(bytes(&with, 1) > bytes(&without, 1), "pictures weigh");
    // Without its folder, an item that names a file for its picture has none.
    assert!(bytes(&without, 1) < 2.0 * bytes(&without, 0));
}

#[test]
fn a_session_over_pictures_replays_with_them() {
    let folder = Folder::new("replay");
    shop(&folder);
    let (items, photos) = (folder.path("items.csv"), folder.path("photos"));
    let seen = ["--catalog", &items, "--pictures", &photos];
    let played =
        recoworld(&[&["session", "--set", "representation=multimodal", "--seed", "2", "--json"], &seen[..]].concat());
    let (run, err) = parts(&played);
    assert!(played.status.success(), "{err}");
    let file = folder.path("run.json");
    fs::write(&file, run).expect("writes");
    let replayed = recoworld(&[&["replay", &file], &seen[..]].concat());
    let (out, err) = parts(&replayed);
    assert!(replayed.status.success() && out.contains("The same to the last byte"), "{out}{err}");
}

#[test]
fn a_folder_that_is_none_is_refused_in_words() {
    let refused = recoworld(&["session", "--pictures", "no/such/folder"]);
    let (_, err) = parts(&refused);
    assert_eq!(refused.status.code(), Some(2));
    assert!(err.contains("--pictures no/such/folder") && err.contains("could not be read"), "{err}");
    assert!(!Path::new("no/such/folder").exists());
}
