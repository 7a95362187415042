package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/simulator/console"
)

// client calls the console of the platform at an endpoint.
type client struct{ endpoint string }

// call sends a request to the console's API and decodes the response. A nil
// body sends none.
func call[T any](ctx context.Context, c *client, method, path string, body any) (result T, err error) {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return result, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.endpoint+console.Path+"api/"+path, &content)
	if err != nil {
		return result, fmt.Errorf("the endpoint is not a URL: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return result, fmt.Errorf("no simulated platform responds at %s: %w", c.endpoint, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.Header.Get("Content-Type") != "application/json" || response.Header.Get(console.Header) == "" {
		return result, fmt.Errorf("%s is not a simulated platform with a console: HTTP %s", c.endpoint, response.Status)
	}
	decoder := json.NewDecoder(response.Body)
	if response.StatusCode == http.StatusOK {
		return result, decoder.Decode(&result)
	}
	var failure console.Failure
	if err := decoder.Decode(&failure); err != nil {
		return result, fmt.Errorf("HTTP %s: %w", response.Status, err)
	}
	return result, failure
}

// task returns the task with an id or an exact name.
func (c *client) task(ctx context.Context, wanted string) (console.Task, error) {
	all, err := call[[]console.Task](ctx, c, http.MethodGet, "tasks", nil)
	if err != nil {
		return console.Task{}, err
	}
	var named []console.Task
	var ids []string
	for _, task := range all {
		if strconv.FormatInt(task.ID, 10) == wanted {
			return task, nil
		}
		if task.Name == wanted {
			named = append(named, task)
			ids = append(ids, strconv.FormatInt(task.ID, 10))
		}
	}
	switch len(named) {
	case 0:
		return console.Task{}, fmt.Errorf("no task has the id or the name %q; see aep-simulator task list", wanted)
	case 1:
		return named[0], nil
	}
	return console.Task{}, fmt.Errorf("%d tasks have the name %q; use one of their ids: %s", len(named), wanted, strings.Join(ids, ", "))
}

// product returns the product with an id or a name.
func (c *client) product(ctx context.Context, wanted string) (console.Product, error) {
	seen, err := call[console.Overview](ctx, c, http.MethodGet, "platform", nil)
	if err != nil {
		return console.Product{}, err
	}
	var known []string
	for _, product := range seen.Products {
		if product.Name == wanted || strconv.FormatInt(product.ID, 10) == wanted {
			return product, nil
		}
		known = append(known, fmt.Sprintf("%d (%s)", product.ID, product.Name))
	}
	return console.Product{}, fmt.Errorf("no product has the id or the name %q; known are %s", wanted, strings.Join(known, ", "))
}

// firmwareOf returns the firmware of a product with an id or a version. Of
// several with the version, the first is returned.
func firmwareOf(product console.Product, wanted string) (console.Firmware, error) {
	var known []string
	for _, firmware := range product.Firmware {
		if firmware.Version == wanted || strconv.FormatInt(firmware.ID, 10) == wanted {
			return firmware, nil
		}
		known = append(known, fmt.Sprintf("%d (%s)", firmware.ID, firmware.Version))
	}
	return console.Firmware{}, fmt.Errorf("no firmware of product %d has the id or the version %q; known are %s",
		product.ID, wanted, strings.Join(known, ", "))
}
