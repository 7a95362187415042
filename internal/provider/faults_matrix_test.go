package provider_test

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
)

// fullMatrix in the environment asks for every cell of the matrix. Without it a
// request that only reads meets every other fault. The next request meets the rest.
const fullMatrix = "AEP_FULL_MATRIX"

// TestFaultMatrix lets every request of a campaign meet every fault, once, and
// insists that one more apply at most sets everything right.
func TestFaultMatrix(t *testing.T) {
	coretest.WithoutRaceDetector(t, coretest.ManyCases)
	var cases, healed atomic.Int64
	full := os.Getenv(fullMatrix) != ""
	t.Run("of", func(t *testing.T) {
		for _, product := range []int64{coretest.LwM2MProduct, coretest.TLinkProduct} {
			stages := coretest.Stages(t, product)
			for n, one := range coretest.Failures() {
				t.Run(fmt.Sprintf("%d/%s", product, one.Name), func(t *testing.T) {
					t.Parallel()
					for _, s := range stages {
						for k, writes := range s.Requests {
							if !writes && (one.WritesOnly || !full && (n+k)%2 == 1) {
								continue
							}
							again, ok := s.Run(t, k, one)
							cases.Add(1)
							if !ok {
								t.Fatalf("^ %s: %s at request %d of %d", s.Name, one.Name, k, len(s.Requests))
							}
							if again {
								healed.Add(1)
							}
						}
					}
				})
			}
		}
	})
	t.Logf("fault matrix: %d cases, each right after at most one more apply; %d needed that one", cases.Load(), healed.Load())
}
