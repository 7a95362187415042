package provider

import "github.com/ctwing/terraform-provider-aep/internal/campaign"

const (
	// defaultBatchSize is how many devices a call carries unless batch_size says
	// otherwise.
	defaultBatchSize = 100
	// maxListedIDs is the largest number of ids in device_ids: a person can review
	// this many in a plan.
	maxListedIDs = 2000
	// fullDriftLimit is the number of devices up to which drift_detection = "auto"
	// compares each device.
	fullDriftLimit = 2000

	defaultMaxResults = 1_000
	// largestMaxResults bounds the rows of a data source: Terraform handles a larger
	// state slowly.
	largestMaxResults = campaign.FullRows
)
