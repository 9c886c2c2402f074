// verify-checkpoint.go reads from standard input what privacy.ledger says of a ledger, and checks it with the
// notes and trees of Go's checksum database. Exit status 0 where all of it holds.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"reflect"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Index, Size int64
	Proof       [][]byte
}

type consistency struct {
	Old, New int64
	Proof    [][]byte
}

type claims struct {
	Note        []byte
	LedgerKey   string
	WitnessKey  string
	Leaves      [][]byte
	Roots       [][]byte // of the trees over the first 1, 2, ... leaves
	Inclusion   []inclusion
	Consistency []consistency
}

// cosigner verifies cosignature/v1, which sumdb/note leaves to implementations of its Verifier.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	header := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(c.key, append([]byte(header), text...), signature[8:])
}

func newCosigner(key string) *cosigner {
	parts := strings.SplitN(key, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	must(err == nil && len(raw) == 1+ed25519.PublicKeySize && raw[0] == 4, "witness key")
	var hash uint32
	_, err = fmt.Sscanf(parts[1], "%08x", &hash)
	must(err == nil, "key hash")
	return &cosigner{parts[0], hash, ed25519.PublicKey(raw[1:])}
}

// stored keeps the hashes that tlog computes from leaves.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, index := range indexes {
		hashes = append(hashes, s[index])
	}
	return hashes, nil
}

func must(holds bool, what string, args ...any) {
	if !holds {
		log.Fatalf("does not hold: "+what, args...)
	}
}

func hashes(raw [][]byte) []tlog.Hash {
	var found []tlog.Hash
	for _, each := range raw {
		found = append(found, hash(each))
	}
	return found
}

func hash(raw []byte) (found tlog.Hash) {
	must(len(raw) == tlog.HashSize, "size of a hash")
	copy(found[:], raw)
	return found
}

func checkNote(c claims, root tlog.Hash) {
	ledger, err := note.NewVerifier(c.LedgerKey)
	must(err == nil, "ledger key: %v", err)
	opened, err := note.Open(c.Note, note.VerifierList(ledger, newCosigner(c.WitnessKey)))
	must(err == nil, "note: %v", err)
	must(len(opened.Sigs) == 2 && len(opened.UnverifiedSigs) == 0, "two signatures")
	text := fmt.Sprintf("%s\n%d\n%s\n", ledger.Name(), len(c.Leaves), root)
	must(opened.Text == text, "text")
	again, err := note.Sign(&note.Note{Text: text, Sigs: opened.Sigs})
	must(err == nil && bytes.Equal(again, c.Note), "the same bytes")
}

func main() {
	log.SetFlags(0)
	var c claims
	must(json.NewDecoder(os.Stdin).Decode(&c) == nil, "input")

	var tree stored
	var leaves []tlog.Hash
	for i, leaf := range c.Leaves {
		added, err := tlog.StoredHashes(int64(i), leaf, tree)
		must(err == nil, "stored hashes: %v", err)
		tree = append(tree, added...)
		leaves = append(leaves, tlog.RecordHash(leaf))
		root, err := tlog.TreeHash(int64(i+1), tree)
		must(err == nil && root == hash(c.Roots[i]), "root %d", i+1)
	}
	root := func(size int64) tlog.Hash { return hash(c.Roots[size-1]) }
	checkNote(c, root(int64(len(c.Leaves))))

	for _, each := range c.Inclusion {
		proof := tlog.RecordProof(hashes(each.Proof))
		err := tlog.CheckRecord(proof, each.Size, root(each.Size), each.Index, leaves[each.Index])
		must(err == nil, "leaf %d in %d: %v", each.Index, each.Size, err)
		own, err := tlog.ProveRecord(each.Size, each.Index, tree)
		must(err == nil && (len(own)+len(proof) == 0 || reflect.DeepEqual(own, proof)), "the same proof")
	}
	for _, each := range c.Consistency {
		proof := tlog.TreeProof(hashes(each.Proof))
		err := tlog.CheckTree(proof, each.New, root(each.New), each.Old, root(each.Old))
		must(err == nil, "%d in %d: %v", each.Old, each.New, err)
		own, err := tlog.ProveTree(each.New, each.Old, tree)
		must(err == nil && (len(own)+len(proof) == 0 || reflect.DeepEqual(own, proof)), "the same proof")
	}
	fmt.Printf("%d leaves, %d inclusions, %d consistencies\n", len(leaves), len(c.Inclusion), len(c.Consistency))
}
