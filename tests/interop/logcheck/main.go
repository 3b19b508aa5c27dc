// Logcheck verifies a log that this repository wrote with code that nobody here wrote: the packages with which the Go
// project verifies its checksum database.
//
// usage: logcheck DIR VKEYS PROOFS
//
// It reads the signed checkpoint, then every tile and every entry, and the proofs in the file PROOFS; it ends with 1 and
// a line on standard error where anything does not hold.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// Proofs are what Python made; hashes are in base64.
type Proofs struct {
	Inclusion []struct {
		Index int64
		Size  int64
		Root  []byte
		Leaf  []byte
		Path  [][]byte
	}
	Consistency []struct {
		OldSize int64
		NewSize int64
		OldRoot []byte
		NewRoot []byte
		Path    [][]byte
	}
}

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: logcheck DIR VKEYS PROOFS"))
	}
	tree, err := openCheckpoint(os.Args[1], os.Args[2])
	fail(err)
	fail(readEverything(os.Args[1], tree))
	inclusion, consistency, err := checkProofs(os.Args[3])
	fail(err)
	fmt.Printf("{\"size\": %d, \"inclusion\": %d, \"consistency\": %d}\n", tree.N, inclusion, consistency)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// The checkpoint, whose signature by an Ed25519 key among the verifier keys holds.
func openCheckpoint(dir, vkeys string) (tlog.Tree, error) {
	keys, err := os.ReadFile(vkeys)
	if err != nil {
		return tlog.Tree{}, err
	}
	var verifiers []note.Verifier
	for _, line := range strings.Fields(string(keys)) {
		// The package knows Ed25519 and no other kind.
		if verifier, err := note.NewVerifier(line); err == nil {
			verifiers = append(verifiers, verifier)
		}
	}
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifiers[0].Name() {
		return tlog.Tree{}, fmt.Errorf("the checkpoint is not one of %s", verifiers[0].Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

type tiles struct{ dir string }

func (tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		// Go names the height in the path, C2SP fixes it.
		path := "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
		content, err := os.ReadFile(filepath.Join(t.dir, path))
		if err != nil {
			return nil, err
		}
		found = append(found, content)
	}
	return found, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// Every tile is authenticated against the root, and every entry hashes to what its tile says.
func readEverything(dir string, tree tlog.Tree) error {
	reader := tlog.TileHashReader(tree, tiles{dir})
	for first := int64(0); first < tree.N; first += 1 << height {
		width := min(tree.N-first, 1<<height)
		path := tlog.Tile{H: height, L: -1, N: first >> height, W: int(width)}.Path()
		path = strings.Replace(path, fmt.Sprintf("tile/%d/data", height), "tile/entries", 1)
		bundle, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		var indexes []int64
		for index := first; index < first+width; index++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, index))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for at, hash := range hashes {
			length := binary.BigEndian.Uint16(bundle)
			if tlog.RecordHash(bundle[2:2+length]) != hash {
				return fmt.Errorf("entry %d is not what its tile says", first+int64(at))
			}
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			return fmt.Errorf("%s is too long", path)
		}
	}
	return nil
}

func checkProofs(path string) (int, int, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	var proofs Proofs
	if err := json.Unmarshal(content, &proofs); err != nil {
		return 0, 0, err
	}
	for _, each := range proofs.Inclusion {
		err := tlog.CheckRecord(hashes(each.Path), each.Size, hash(each.Root), each.Index, hash(each.Leaf))
		if err != nil {
			return 0, 0, fmt.Errorf("inclusion of %d in %d: %w", each.Index, each.Size, err)
		}
	}
	for _, each := range proofs.Consistency {
		err := tlog.CheckTree(hashes(each.Path), each.NewSize, hash(each.NewRoot), each.OldSize, hash(each.OldRoot))
		if err != nil {
			return 0, 0, fmt.Errorf("growth from %d to %d: %w", each.OldSize, each.NewSize, err)
		}
	}
	return len(proofs.Inclusion), len(proofs.Consistency), nil
}

func hash(data []byte) tlog.Hash {
	parsed, err := tlog.ParseHash(base64.StdEncoding.EncodeToString(data))
	fail(err)
	return parsed
}

func hashes(path [][]byte) []tlog.Hash {
	var found []tlog.Hash
	for _, each := range path {
		found = append(found, hash(each))
	}
	return found
}
